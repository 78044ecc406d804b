import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { documentFiles, documentKind, readDocument } from "../../engine/index.ts";

describe("documents", () => {
  test("are known by their names", () => {
    const kinds = {
      "prisma/migrations/1/migration.sql": "sql",
      "prisma/schema.prisma": "prisma",
      "package.json": "package",
      Dockerfile: "dockerfile",
      "docker/api.Dockerfile": "dockerfile",
      "Dockerfile.dev": "dockerfile",
      Containerfile: "dockerfile",
      "bin/start.sh": "shell",
      "package-lock.json": undefined,
      ".dockerignore": undefined,
      "Dockerfile.dockerignore": undefined,
      "docs/dockerfile.md": undefined,
      "src/dockerfile.ts": undefined,
    };
    for (const [path, kind] of Object.entries(kinds)) assert.equal(documentKind(path), kind, path);
  });

  const allowed = (path: string, text: string): (string | undefined)[] =>
    readDocument(path, text)!.summary.allowances.map((it) => `${it.rule}|${it.reason}|${text.slice(...it.covers)}`);

  test("hold allowances in their own comments", () => {
    assert.deepEqual(allowed("a.sql", "-- slo-allow x: small\n\n-- more\nALTER TABLE a\n  ADD b int;\nSELECT 1;\n"), [
      "x|small|ALTER TABLE a\n  ADD b int",
    ]);
    assert.deepEqual(allowed("a.sql", "/* slo-allow x: small */\nSELECT 1;\n"), ["x|small|SELECT 1;\n"]);
    assert.deepEqual(allowed("a.sql", "SELECT 1; -- slo-allow x: here\n"), ["x|here|SELECT 1; -- slo-allow x: here\n"]);
    assert.deepEqual(allowed("Dockerfile", "# slo-allow x: batch\nCMD a \\\n  b\nUSER c\n"), [
      "x|batch|CMD a \\\n  b\n",
    ]);
    assert.deepEqual(allowed("a.sh", "#!/bin/sh\nnode a # slo-allow x: y\n"), ["x|y|node a # slo-allow x: y\n"]);
    assert.deepEqual(allowed("a.prisma", "// slo-allow x: y\r\nmodel A {\r\n}\r\n"), ["x|y|model A {\r\n"]);
    assert.deepEqual(allowed("package.json", '{ "scripts": { "start": "# slo-allow x: y" } }'), []);
    assert.deepEqual(allowed("Dockerfile", 'LABEL a="# slo-allow x: y"\n'), []);
  });

  test("are read again when their text is another, and not at all where it is too long", () => {
    let text = "SELECT 1;";
    let asked = 0;
    const files = documentFiles(["a.sql"], () => {
      asked++;
      return text;
    });
    const first = files.get("a.sql");
    assert.equal(files.get("a.sql"), first);
    text = "SELECT 2;";
    assert.equal(files.get("a.sql")?.text, text);
    asked = 0;
    assert.equal(files.get("a.ts"), undefined);
    assert.equal(asked, 0, "code is no document");
    text = " ".repeat(1_000_001);
    assert.equal(files.get("a.sql"), undefined);
  });
});
