/** SLO files in an editor: what may be written, where names lead, what a target allows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CompletionItem, Hover, Location, MarkupContent } from "vscode-languageserver-protocol/node";
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
