/** SLO files in an editor: what may be written, where names lead, what a target allows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  CompletionItem,
  Hover,
  Location,
  MarkupContent,
  WorkspaceEdit,
} from "vscode-languageserver-protocol/node";
import type { ExplainEndpointResult } from "../../protocol/index.ts";
import { rangeOf, startClient, type TestClient } from "./client.ts";
import { files, openSlo } from "./fixtures.ts";

const sli =
  "apiVersion: openslo/v1\nkind: SLI\nmetadata:\n  name: prices-ok\nspec:\n  ratioMetric:\n    counter: true\n";
const referring = `apiVersion: openslo/v1
kind: SLO
metadata:
  name: referring
spec:
  service: shop
  indicatorRef: prices-ok
  budgetingMethod: Occurrences
  timeWindow: [{duration: 28d, isRolling: true}]
  objectives: [{target: 0.99}]
`;

function ask<T>(client: TestClient, method: string, file: string, wanted: string): Promise<T> {
  const at = { textDocument: { uri: client.uri(file) }, position: rangeOf(client.text(file), wanted).end };
  return client.connection.sendRequest(method, at);
}

test("references lead to files, complete, and are not told missing", async (t) => {
  const client = await startClient({ files: { ...files, "slo/sli.yaml": sli, "slo/slo.yaml": referring } });
  t.after(client.stop);
  client.open("slo/slo.yaml");
  await client.ready();
  const [found] = await client.until(
    async () => (await ask<Location[] | null>(client, "textDocument/definition", "slo/slo.yaml", "Ref: prices")) ?? [],
    (it) => it.length > 0,
  );
  assert.equal(found?.uri, client.uri("slo/sli.yaml"));
  assert.deepEqual(found?.range, rangeOf(sli, "prices-ok"));
  const refs = await ask<CompletionItem[] | null>(client, "textDocument/completion", "slo/slo.yaml", "indicatorRef: ");
  assert.deepEqual(
    refs?.map((it) => it.label),
    ["prices-ok"],
  );
  const methods = await ask<CompletionItem[] | null>(
    client,
    "textDocument/completion",
    "slo/slo.yaml",
    "budgetingMethod: ",
  );
  assert.ok(methods?.some((it) => it.label === "Timeslices"));
});

test("a target is said in failures", async (t) => {
  const client = await startClient({ files: { ...files, "slo/prices.yaml": openSlo } });
  t.after(client.stop);
  client.open("slo/prices.yaml");
  await client.ready();
  const hover = await ask<Hover | null>(client, "textDocument/hover", "slo/prices.yaml", "name: ");
  assert.match((hover?.contents as MarkupContent | undefined)?.value ?? "", /requests may fail/);
});

/** An objective on a gateway's path, which only ends as the route does: a candidate, nothing more. */
const elsewhere = openSlo
  .replaceAll("/prices/:id", "/shop/v2/prices/list/:id")
  .replace("service: prices", "service: gateway");
const deep = files["src/app.ts"].replace('"/prices/:id"', '"/prices/list/:id"');

test("what an endpoint might have is explained, and a choice is remembered in slo-lens.yaml", async (t) => {
  const client = await startClient({
    files: { ...files, "src/app.ts": deep, "slo/prices.yaml": elsewhere, "slo-lens.yaml": "# ours\nstage: growth\n" },
  });
  t.after(client.stop);
  const edits: WorkspaceEdit[] = [];
  client.connection.onRequest("workspace/applyEdit", ({ edit }: { edit: WorkspaceEdit }) => {
    edits.push(edit);
    return { applied: true };
  });
  client.open("src/app.ts");
  await client.ready();
  const place = { uri: client.uri("src/app.ts"), ...rangeOf(deep, '"/prices/list/:id"').start };
  const explained = await client.connection.sendRequest<ExplainEndpointResult>("sloLens/explainEndpoint", place);
  assert.deepEqual(explained, {
    method: "GET",
    route: "/prices/list/:id",
    candidates: [
      {
        sloId: "gateway/prices-availability",
        score: 0.5,
        applied: false,
        why: 'the SLI selects route="/shop/v2/prices/list/:id": one ends with the other, which is not certain enough',
        target: "99.9 % / 28d",
      },
    ],
  });
  const sloId = "gateway/prices-availability";
  // Shown lenses are refreshed once they say something else.
  await client.connection.sendRequest("textDocument/codeLens", { textDocument: { uri: place.uri } });
  const done = await client.connection.sendRequest<{ uri?: string }>("sloLens/mapSlo", { ...place, sloId });
  assert.equal(done.uri, client.uri("slo-lens.yaml"));
  client.open("slo-lens.yaml");
  client.apply(edits[0]!);
  assert.equal(
    client.text("slo-lens.yaml"),
    "# ours\nstage: growth\nslos:\n  gateway/prices-availability:\n    - GET /prices/list/:id\n",
  );
  client.save("slo-lens.yaml");
  const again = await client.until(
    async () => client.connection.sendRequest<ExplainEndpointResult>("sloLens/explainEndpoint", place),
    (it) => it.candidates[0]?.applied === true,
  );
  assert.equal(again.candidates[0]?.why, "slo-lens.yaml maps the objective to GET /prices/list/:id");
  assert.equal(await client.connection.sendRequest("sloLens/explainEndpoint", { uri: place.uri, line: 0 }), null);
  assert.equal(await client.connection.sendRequest("sloLens/explainEndpoint", {}), null);
});

test("what only the workspace knows of an SLO file is told in it", async (t) => {
  const client = await startClient({
    files: {
      ...files,
      "slo/a.yaml": openSlo,
      "slo/b.yaml": openSlo,
      "slo/gone.yaml": openSlo.replaceAll("/prices/:id", "/gone").replace("prices-availability", "gone"),
    },
  });
  t.after(client.stop);
  for (const file of ["slo/a.yaml", "slo/b.yaml", "slo/gone.yaml"]) client.open(file);
  await client.ready();
  const codes = async (file: string): Promise<readonly unknown[]> =>
    (await client.diagnostics(file)).map((it) => it.code);
  assert.deepEqual(await codes("slo/a.yaml"), ["duplicate-name"]);
  assert.deepEqual(await codes("slo/b.yaml"), ["duplicate-name"]);
  assert.deepEqual(await codes("slo/gone.yaml"), ["endpoint-missing"]);
});
