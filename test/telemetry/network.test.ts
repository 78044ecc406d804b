/** The network of a company: a proxy on the way out, and an authority of its own in the system's store. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cert, key } from "./self-signed.ts";
import { serve, servers, vector } from "./stub-server.ts";

const cli = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const SLO = `version: prometheus/v1
service: shop
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(r_total{code="500"}[{{.window}}]))
        total_query: sum(rate(r_total[{{.window}}]))
    alerting: { page_alert: { disable: true }, ticket_alert: { disable: true } }
`;

/** The first line that the command line says of the objective, run as a program in an environment. */
async function status(url: string, env: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slo-lens-"));
  try {
    await writeFile(join(folder, "slo.yaml"), SLO);
    const args = [
      "--disable-warning=ExperimentalWarning",
      cli,
      "status",
      "--prometheus",
      url,
      "--lang",
      "en",
      "--no-cache",
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, ...env },
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const prometheus = () =>
  serve((_, response, body) => {
    const query = new URLSearchParams(body).get("query") ?? "";
    vector(response, query.startsWith("sum(increase(") ? [query.includes("500") ? "1" : "100000"] : []);
  });

test("questions go through the proxy that the environment names, those to the machine itself do not", async () => {
  const { origin } = await prometheus();
  const asked: string[] = [];
  const proxy = await serve((_, response) => response.writeHead(400).end());
  servers.at(-1)!.on("connect", ({ url }: { url: string }, client: Socket) => {
    asked.push(url);
    const upstream = connect(Number(new URL(origin).port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [upstream, client]) socket.on("error", () => socket.destroy());
  });
  const env = { HTTP_PROXY: proxy.origin, HTTPS_PROXY: proxy.origin, NO_PROXY: "" };
  assert.match(await status("http://prometheus.example:9090", env), /^healthy {2}shop\/availability/);
  assert.ok(asked.length > 0 && asked.every((url) => url === "prometheus.example:9090"), asked.join(" "));
  const before = asked.length;
  assert.match(await status(origin, env), /^healthy/);
  assert.equal(asked.length, before, "the loopback needs no proxy");
});

test("an authority in the system's store is trusted", async () => {
  const { origin } = await prometheus();
  const secure = createSecureServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const answer = await fetch(`${origin}${request.url}`, {
        method: "POST",
        body: Buffer.concat(chunks).toString(),
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
    });
  });
  servers.push(secure);
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), "slo-lens-"));
  try {
    await writeFile(join(folder, "ca.pem"), cert);
    assert.match(await status(url, { SSL_CERT_FILE: join(folder, "ca.pem") }), /^healthy {2}shop\/availability/);
    assert.match(await status(url, {}), /certificate of .* is not trusted here/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
