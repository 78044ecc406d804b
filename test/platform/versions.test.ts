import assert from "node:assert/strict";
import { test } from "node:test";
import { createVersions, type Version } from "../../platform/index.ts";
import { folderOf } from "../kit/folder.ts";

const json = (it: unknown): string => JSON.stringify(it);

function over(files: Readonly<Record<string, string>>, root = "/nowhere"): Version {
  return createVersions({
    root,
    manifests: Object.keys(files),
    text: (it) => files[it],
    installed: root !== "/nowhere",
  });
}

test("package-lock.json, version 3: the folder's own copy before the shared one", () => {
  const version = over({
    "package.json": json({ dependencies: { axios: "^1.0.0" } }),
    "package-lock.json": json({
      lockfileVersion: 3,
      packages: {
        "": {},
        "node_modules/axios": { version: "1.7.2" },
        "packages/old/node_modules/axios": { version: "0.21.4" },
      },
    }),
    "packages/old/package.json": json({ dependencies: { axios: "^0.21.0" } }),
  });
  assert.equal(version("src/a.ts", "axios"), "1.7.2");
  assert.equal(version("packages/old/src/a.ts", "axios"), "0.21.4");
  assert.equal(version("src/a.ts", "got"), undefined);
});

test("what says so: a lockfile, the least of a range, an engine", () => {
  const { found } = over({
    "package.json": json({ dependencies: { axios: "^1.0.0" }, engines: { node: ">=22" } }),
    "package-lock.json": json({ packages: { "node_modules/axios": { version: "1.7.2" } } }),
    "packages/a/package.json": json({ dependencies: { got: "^13.0.0" } }),
  });
  assert.deepEqual(found("src/a.ts", "axios"), {
    version: "1.7.2",
    by: "lockfile",
    path: "package-lock.json",
    range: "^1.0.0",
  });
  assert.deepEqual(found("packages/a/src/a.ts", "got"), {
    version: "13.0.0",
    by: "manifest",
    path: "packages/a/package.json",
    range: "^13.0.0",
  });
  assert.deepEqual(found("src/a.ts", "node"), { version: "22.0.0", by: "node", path: "package.json", range: ">=22" });
  assert.equal(found("src/a.ts", "gone"), undefined);
});

test("package-lock.json, version 1", () => {
  assert.equal(
    over({ "package-lock.json": json({ lockfileVersion: 1, dependencies: { got: { version: "11.8.6" } } }) })(
      "a.ts",
      "got",
    ),
    "11.8.6",
  );
});

test("pnpm-lock.yaml, version 9, by importer", () => {
  const lock = `lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      knex:
        specifier: ^3.0.0
        version: 3.1.0(pg@8.11.3)

  packages/api:
    dependencies:
      '@prisma/client':
        specifier: 6.1.0
        version: 6.1.0(prisma@6.1.0(typescript@5.4.5))(typescript@5.4.5)
      shared:
        specifier: workspace:*
        version: link:../shared
    devDependencies:
      vitest:
        specifier: ^2.0.0
        version: 2.0.0-beta.3

packages:

  knex@3.9.9:
    resolution: {integrity: sha512-x}
`;
  const version = over({ "pnpm-lock.yaml": lock, "package.json": "{}" });
  assert.equal(version("src/a.ts", "knex"), "3.1.0");
  assert.equal(version("packages/api/src/a.ts", "@prisma/client"), "6.1.0");
  assert.equal(version("packages/api/src/a.ts", "vitest"), "2.0.0-beta.3");
  assert.equal(version("packages/api/src/a.ts", "knex"), "3.1.0", "hoisted from the root");
  assert.equal(version("packages/api/src/a.ts", "shared"), undefined);
  assert.equal(version("src/a.ts", "@prisma/client"), undefined);
});

test("pnpm-lock.yaml, version 6 of one package, and version 5", () => {
  const six =
    "lockfileVersion: '6.0'\n\ndependencies:\n  got:\n    specifier: ^11.0.0\n    version: 11.8.6\n  pg:\n    specifier: ^8.0.0\n    version: /pg@8.11.3\n\npackages:\n";
  assert.equal(over({ "pnpm-lock.yaml": six })("a.ts", "got"), "11.8.6");
  assert.equal(over({ "pnpm-lock.yaml": six })("a.ts", "pg"), "8.11.3");
  const five = "lockfileVersion: 5.4\n\nspecifiers:\n  got: ^11.0.0\n\ndependencies:\n  got: 11.8.6_abc\n\npackages:\n";
  assert.equal(over({ "pnpm-lock.yaml": five })("a.ts", "got"), "11.8.6");
});

test("yarn.lock, both formats: the range of the nearest package.json decides", () => {
  const first =
    '# yarn lockfile v1\n\n\naxios@^0.21.0:\n  version "0.21.4"\n  resolved "https://x"\n\naxios@^1.0.0, axios@^1.2.0:\n  version "1.7.2"\n\n"@scope/a@~1.0.0":\n  version "1.0.3"\n';
  const files = {
    "package.json": json({ dependencies: { axios: "^1.2.0", "@scope/a": "~1.0.0" } }),
    "old/package.json": json({ dependencies: { axios: "^0.21.0" } }),
    "yarn.lock": first,
  };
  assert.equal(over(files)("a.ts", "axios"), "1.7.2");
  assert.equal(over(files)("old/a.ts", "axios"), "0.21.4");
  assert.equal(over(files)("a.ts", "@scope/a"), "1.0.3");
  const berry =
    '__metadata:\n  version: 8\n\n"axios@npm:^0.21.0":\n  version: 0.21.4\n  resolution: "axios@npm:0.21.4"\n\n"axios@npm:^1.0.0, axios@npm:^1.2.0":\n  version: 1.7.2\n\n"me@workspace:.":\n  version: 0.0.0-use.local\n';
  assert.equal(over({ ...files, "yarn.lock": berry })("a.ts", "axios"), "1.7.2");
  assert.equal(over({ ...files, "yarn.lock": berry })("old/a.ts", "axios"), "0.21.4");
});

test("a package that another of the workspace names: where all ask for the same", () => {
  const files = {
    "package.json": json({ workspaces: ["apps/*", "packages/*"] }),
    "apps/web/package.json": json({ dependencies: { axios: "^1.2.0", pg: "^8.0.0" } }),
    "apps/worker/package.json": json({ dependencies: { axios: "^1.2.0", pg: "^7.0.0" } }),
    "packages/lib/package.json": json({}),
  };
  assert.equal(over(files)("packages/lib/a.ts", "axios"), "1.2.0");
  assert.equal(over(files)("packages/lib/a.ts", "pg"), undefined);
});

test("without a lockfile the least of the range; nothing of what has none", () => {
  const version = over({
    "package.json": json({
      dependencies: {
        a: "^4.17.1",
        b: "*",
        c: "latest",
        d: "git+https://x",
        e: ">=2 <3",
        f: "npm:other@^5.0.0",
        g: "workspace:^1.2.0",
      },
      peerDependencies: { h: "18 || 19" },
    }),
  });
  const all = Object.fromEntries("abcdefgh".split("").map((it) => [it, version("src/x.ts", it)]));
  assert.deepEqual(all, {
    a: "4.17.1",
    b: undefined,
    c: undefined,
    d: undefined,
    e: "2.0.0",
    f: "5.0.0",
    g: "1.2.0",
    h: "18.0.0",
  });
});

test("what is installed wins over what is locked", (t) => {
  const root = folderOf(t, {
    "node_modules/axios/package.json": json({ version: "1.9.0" }),
    "packages/api/node_modules/got/package.json": json({ version: "14.0.0" }),
    "node_modules/broken/package.json": "{",
  });
  const version = over(
    {
      "package-lock.json": json({
        packages: { "node_modules/axios": { version: "1.7.2" }, "node_modules/broken": { version: "1.0.0" } },
      }),
    },
    root,
  );
  assert.equal(version("packages/api/src/a.ts", "axios"), "1.9.0");
  assert.equal(version("packages/api/src/a.ts", "got"), "14.0.0");
  assert.equal(version("src/a.ts", "got"), undefined);
  assert.equal(version("src/a.ts", "broken"), "1.0.0");
});

test("Node's version: .nvmrc before engines, nearest first", () => {
  assert.equal(over({ ".nvmrc": "v20.11.0\n" })("a.ts", "node"), "20.11.0");
  assert.equal(over({ "package.json": json({ engines: { node: ">=18.17" } }) })("a.ts", "node"), "18.17.0");
  assert.equal(
    over({ ".nvmrc": "lts/*", "package.json": json({ engines: { node: "22.x" } }) })("a.ts", "node"),
    "22.0.0",
  );
  assert.equal(over({})("a.ts", "node"), undefined);
});

test("names that would leave node_modules, and broken lockfiles, give nothing", (t) => {
  const root = folderOf(t, { "secret/package.json": json({ version: "1.0.0" }), "node_modules/x/package.json": "{}" });
  const version = over({ "package-lock.json": "{", "package.json": "nope" }, root);
  for (const it of ["../secret", "..", "a/../../secret", "__proto__", "constructor", ""])
    assert.equal(version("a.ts", it), undefined, it);
  assert.equal(over({ "pnpm-lock.yaml": "importers:\n\t- [", "yarn.lock": "" })("a.ts", "x"), undefined);
});

test("Node's version where asdf, mise or volta names it, and by the name of its line", () => {
  assert.equal(over({ ".tool-versions": "python 3.12\nnodejs 22.3.0\n" })("a.ts", "node"), "22.3.0");
  assert.equal(over({ "mise.toml": '[tools]\nnode = "20"\n' })("a.ts", "node"), "20.0.0");
  assert.equal(over({ "package.json": json({ volta: { node: "18.19.1" } }) })("a.ts", "node"), "18.19.1");
  assert.equal(over({ ".nvmrc": "lts/Iron\n" })("a.ts", "node"), "20.0.0");
});

test("catalogs of pnpm, yarn and bun, with no lockfile", () => {
  const pnpm = `packages:\n  - "apps/*"\n\ncatalog:\n  axios: ^1.6.2 # for all\n  '@scope/a': "~2.0.0"\n\ncatalogs:\n  old:\n    axios: 0.21.4\n`;
  const files = {
    "apps/api/package.json": json({ dependencies: { axios: "catalog:", "@scope/a": "catalog:default" } }),
    "apps/old/package.json": json({ dependencies: { axios: "catalog:old", got: "catalog:" } }),
  };
  for (const [file, text] of [
    ["pnpm-workspace.yaml", pnpm],
    [".yarnrc.yml", pnpm],
    [
      "package.json",
      json({
        workspaces: {
          packages: ["apps/*"],
          catalog: { axios: "^1.6.2", "@scope/a": "~2.0.0" },
          catalogs: { old: { axios: "0.21.4" } },
        },
      }),
    ],
  ] as const) {
    const version = over({ ...files, [file]: text });
    assert.equal(version("apps/api/src/a.ts", "axios"), "1.6.2", file);
    assert.equal(version("apps/api/src/a.ts", "@scope/a"), "2.0.0", file);
    assert.equal(version("apps/old/src/a.ts", "axios"), "0.21.4", file);
    assert.equal(version("apps/old/src/a.ts", "got"), undefined, file);
  }
});

test("what the root replaces for everybody: overrides and resolutions", () => {
  const api = { "apps/api/package.json": json({ dependencies: { axios: "^0.21.0", pg: "^8.0.0", got: "^11.0.0" } }) };
  for (const root of [
    { overrides: { axios: "1.6.0", pg: { ".": "8.5.0" }, other: { got: "9.0.0" } }, dependencies: { got: "^11.0.0" } },
    { pnpm: { overrides: { axios: "1.6.0", pg: "8.5.0", "other>got": "9.0.0", "got@10": "9.0.0" } } },
    { resolutions: { "**/axios": "1.6.0", pg: "8.5.0", "other/got": "9.0.0" } },
  ]) {
    const version = over({ ...api, "package.json": json(root) });
    assert.equal(version("apps/api/a.ts", "axios"), "1.6.0");
    assert.equal(version("apps/api/a.ts", "pg"), "8.5.0");
    assert.equal(version("apps/api/a.ts", "got"), "11.0.0");
  }
  const yaml = over({ ...api, "pnpm-workspace.yaml": "overrides:\n  axios: 1.6.0\n  other>pg: 7.0.0\n" });
  assert.equal(yaml("apps/api/a.ts", "axios"), "1.6.0");
  assert.equal(yaml("apps/api/a.ts", "pg"), "8.0.0");
  // The lockfile has the entry of what it is replaced with.
  const yarn = over({
    ...api,
    "package.json": json({ resolutions: { axios: "1.6.0" } }),
    "yarn.lock": 'axios@1.6.0, axios@^0.21.0:\n  version "1.6.0"\n\naxios@^0.19.0:\n  version "0.19.2"\n',
  });
  assert.equal(yarn("apps/api/a.ts", "axios"), "1.6.0");
});

test("bun.lock: a workspace's own version before the shared one", () => {
  const lock = `{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "app",
    },
    "apps/old": {
      "name": "@app/old",
      "dependencies": {
        "axios": "^0.21.0",
      },
    },
  },
  "packages": {
    "@app/old": ["@app/old@workspace:apps/old"],

    "@scope/a": ["@scope/a@1.0.3", "", {}, "sha512-x"],

    "axios": ["axios@1.7.2", "", { "dependencies": { "follow-redirects": "^1.15.6" } }, "sha512-x"],

    "pg": ["@fork/pg@8.1.0-beta.1", "", {}, "sha512-x"],

    "@app/old/axios": ["axios@0.21.4", "", {}, "sha512-x"],
  }
}
`;
  const version = over({
    "bun.lock": lock,
    "package.json": json({ dependencies: { axios: "^1.0.0", pg: "npm:@fork/pg@^8.0.0", "@scope/a": "*" } }),
    "apps/old/package.json": json({ name: "@app/old", dependencies: { axios: "^0.21.0" } }),
  });
  assert.equal(version("src/a.ts", "axios"), "1.7.2");
  assert.equal(version("apps/old/src/a.ts", "axios"), "0.21.4");
  assert.equal(version("src/a.ts", "pg"), "8.1.0-beta.1");
  assert.equal(version("src/a.ts", "@scope/a"), "1.0.3");
  assert.equal(version("src/a.ts", "@app/old"), undefined);
});

test("of two lockfiles the one of the package manager that is named", () => {
  const files = {
    "package-lock.json": json({ packages: { "node_modules/got": { version: "11.0.0" } } }),
    "bun.lock": '{\n  "packages": {\n    "got": ["got@14.0.0", "", {}, ""],\n  }\n}\n',
  };
  assert.equal(over(files)("a.ts", "got"), "11.0.0");
  assert.equal(over({ ...files, "package.json": json({ packageManager: "bun@1.2.0" }) })("a.ts", "got"), "14.0.0");
});

test("lockfiles and catalogs of any size and shape are read in time that grows with their length", () => {
  const lines = Array.from({ length: 40_000 }, (_, i) => `  p${i}: "^1.0.${i}"`).join("\n");
  const hostile = `${" ".repeat(200_000)}:\n${"'".repeat(100_000)}\n${"a".repeat(200_000)}: ${" ".repeat(100_000)}x`;
  const started = process.hrtime.bigint();
  const version = over({
    "package.json": json({ dependencies: { p39999: "catalog:", q: "1.0.0" } }),
    "pnpm-workspace.yaml": `catalog:\n${lines}\n${hostile}`,
    "bun.lock": `{\n  "packages": {\n${hostile}\n    "${"@".repeat(50_000)}": ["${"@".repeat(100_000)}`,
  });
  assert.equal(version("a.ts", "p39999"), "1.0.39999");
  assert.equal(version("a.ts", "q"), "1.0.0");
  assert.ok(Number(process.hrtime.bigint() - started) < 2e9);
});
