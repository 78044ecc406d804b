/** Made-up services of any size, the same every time: routes, services, stores and clients that call each other. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Files that one feature is made of. */
const PER_FEATURE = 5;

/** A file of about 500 lines and one of about 3,000, for typing in. */
export const LONG_FILES: readonly string[] = ["src/long.ts", "src/longest.ts"];

/** The workspace of about `files` source files; written where it is not there yet. */
export function syntheticWorkspace(files: number): string {
  const folder = path.join(tmpdir(), "slo-lens-bench", `workspace-${files}`);
  const stamp = path.join(folder, ".written");
  const generator = readFileSync(path.join(import.meta.dirname, "synthetic.ts"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === generator) return folder;
  rmSync(folder, { recursive: true, force: true });
  writeWorkspace(folder, files);
  writeFileSync(stamp, generator);
  for (const it of readdirSync(folder, { recursive: true, encoding: "utf8" })) setBack(path.join(folder, it));
  return folder;
}

/** As a file is that was not written this very second: a cache may trust its time. */
export function setBack(file: string): void {
  const then = new Date(Date.now() - 60_000);
  utimesSync(file, then, then);
}

/**
 * Writes a workspace of about `files` source files (45 to 80 lines each) into `root`. Features call their neighbours, so
 * that the call graph is one piece; every tenth has something to find.
 */
function writeWorkspace(root: string, files: number): void {
  const features = Math.max(1, Math.floor(files / PER_FEATURE));
  mkdirSync(root, { recursive: true });
  writeFileSync(
    path.join(root, "package.json"),
    JSON.stringify({
      name: "synthetic",
      type: "module",
      engines: { node: ">=22" },
      dependencies: { express: "^5.0.0", axios: "^1.7.0", "@prisma/client": "^6.0.0" },
    }),
  );
  writeFileSync(
    path.join(root, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2022",
        module: "nodenext",
        strict: true,
        skipLibCheck: true,
        paths: { "@/*": ["./src/*"] },
      },
      include: ["src"],
    }),
  );
  for (let i = 0; i < features; i++) {
    const folder = path.join(root, "src", `area${Math.floor(i / 40)}`, `feature${i}`);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(feature(i, features))) writeFileSync(path.join(folder, name), text);
  }
  const mounts = Array.from({ length: features }, (_, i) => i);
  writeFileSync(
    path.join(root, "src", "app.ts"),
    `import express from "express";\n${mounts.map((i) => `import { routes as routes${i} } from "@/area${Math.floor(i / 40)}/feature${i}/routes.js";`).join("\n")}\nimport { routes as long } from "./long.js";\nimport { routes as longest } from "./longest.js";\n\nexport const app = express();\napp.use("/long", long);\napp.use("/longest", longest);\n${mounts.map((i) => `app.use("/feature${i}", routes${i});`).join("\n")}\n`,
  );
  writeFileSync(path.join(root, LONG_FILES[0]!), longFile(19));
  writeFileSync(path.join(root, LONG_FILES[1]!), longFile(115));
}

/** Routes with what they need beside them, 26 lines each; every eighth waits for another service without a limit. */
function longFile(blocks: number): string {
  const one = (i: number): string => `
routes.get("/reports${i}/:id", async (req, res, next) => {
  try {
    const report = await loadReport${i}(req.params.id, Number(req.query.days ?? 7));
    if (!report) {
      res.status(404).json({ error: "not found" });
      return;
    }
    res.json({ ...report, total: report.lines.reduce((sum, line) => sum + line.amount, 0) });
  } catch (error) {
    next(error);
  }
});

async function loadReport${i}(id: string, days: number): Promise<Report | undefined> {
  const item = await service.find(id);
  if (!item) return undefined;
  const rates = await ${i % 8 === 0 ? "axios" : "client"}.get<Rate[]>("https://rates.example.com/v1/" + id, { params: { days } });
  const lines: Line[] = [];
  for (const rate of rates.data) {
    const amount = Math.round(item.score * rate.factor * 100) / 100;
    if (amount > limits.smallest) lines.push({ title: \`\${item.title}: \${rate.name}\`, amount, rate: rate.name });
    else if (rate.factor < 0) log("negative rate", { id, name: rate.name, at: new Date().toISOString() });
  }
  return { id: item.id, title: item.title.trim(), tags: [...item.tags, "report${i}"], lines: sorted(lines, days) };
}
`;
  return `import axios from "axios";
import { Router } from "express";
import { Service0 } from "@/area0/feature0/service.js";

interface Rate { name: string; factor: number }
interface Line { title: string; amount: number; rate: string }
interface Report { id: string; title: string; tags: string[]; lines: Line[] }

export const routes = Router();
const service = new Service0();
const client = axios.create({ timeout: 2000 });
const limits = { smallest: 0.01, longest: 500 };

const log = (text: string, data: Record<string, unknown>): void => console.warn(text, data);
const sorted = (lines: Line[], days: number): Line[] =>
  lines.sort((a, b) => b.amount - a.amount).slice(0, Math.min(limits.longest, days * 24));
${Array.from({ length: blocks }, (_, i) => one(i)).join("")}`;
}

function feature(i: number, features: number): Readonly<Record<string, string>> {
  const neighbour = (i * 7 + 3) % features;
  const other = `@/area${Math.floor(neighbour / 40)}/feature${neighbour}`;
  const isRisky = i % 10 === 0;
  return {
    "routes.ts": `import { Router } from "express";
import { Service${i} } from "./service.js";
import type { Item${i}, Page } from "./types.js";

export const routes = Router();
const service = new Service${i}();

routes.get("/", async (req, res, next) => {
  try {
    const page: Page = { after: String(req.query.after ?? ""), size: Math.min(Number(req.query.size ?? 20), 100) };
    const items = await service.list(page);
    res.json({ items: items.map(present), next: items.at(-1)?.id ?? null });
  } catch (error) {
    next(error);
  }
});

routes.get("/:id", async (req, res, next) => {
  try {
    const item = await service.find(req.params.id);
    if (!item) {
      res.status(404).json({ error: "not found" });
      return;
    }
    res.json(present(item));
  } catch (error) {
    next(error);
  }
});

routes.post("/", async (req, res, next) => {
  try {
    const created = await service.create(req.body as Partial<Item${i}>);
    res.status(201).json(present(created));
  } catch (error) {
    next(error);
  }
});

function present(item: Item${i}): Record<string, unknown> {
  return { id: item.id, title: item.title.trim(), tags: item.tags.filter((tag) => tag.length > 0), score: Math.round(item.score * 100) / 100 };
}
`,
    "service.ts": `import { Store${i} } from "./store.js";
import { notify${i} } from "./client.js";
import { Service${neighbour} } from "${other}/service.js";
import type { Item${i}, Page } from "./types.js";

export class Service${i} {
  private readonly store = new Store${i}();
  private neighbour: Service${neighbour} | undefined;

  async list(page: Page): Promise<Item${i}[]> {
    const items = await this.store.list(page);
    return items.filter((item) => item.score > 0).sort((a, b) => b.score - a.score);
  }

  async find(id: string): Promise<Item${i} | undefined> {
    const item = await this.store.find(id);
    if (item && item.related) {
      this.neighbour ??= new Service${neighbour}();
      const related = await this.neighbour.find(item.related);
      return { ...item, title: related ? \`\${item.title} (\${related.title})\` : item.title };
    }
    return item ?? undefined;
  }

  async create(input: Partial<Item${i}>): Promise<Item${i}> {
    if (!input.title || input.title.length > 200) throw new RangeError("a title of 1 to 200 characters is needed");
    const created = await this.store.create({ title: input.title, tags: input.tags ?? [], score: input.score ?? 0 });
    await notify${i}(created.id, created.title);
    return created;
  }
${
  isRisky
    ? `
  async refresh(ids: string[]): Promise<number> {
    let total = 0;
    for (const id of ids) {
      const item = await this.store.find(id);
      total += item ? item.score : 0;
    }
    return total;
  }
`
    : ""
}}
`,
    "store.ts": `import { PrismaClient } from "@prisma/client";
import type { Item${i}, Page } from "./types.js";

const prisma = new PrismaClient();

export class Store${i} {
  async list(page: Page): Promise<Item${i}[]> {
    const rows = await prisma.item${i}.findMany({ where: { deleted: false, id: { gt: page.after } }, take: page.size, orderBy: { id: "asc" } });
    return rows.map(read);
  }

  async find(id: string): Promise<Item${i} | undefined> {
    const row = await prisma.item${i}.findUnique({ where: { id } });
    return row ? read(row) : undefined;
  }

  async create(data: { title: string; tags: string[]; score: number }): Promise<Item${i}> {
    return read(await prisma.item${i}.create({ data }));
  }
${
  isRisky
    ? `
  async size(): Promise<number> {
    return prisma.item${i}.count({ where: { deleted: false } });
  }
`
    : ""
}}

interface Row {
  id: string;
  title: string;
  tags: string[];
  score: number;
  related?: string | null;
}

function read(row: Row): Item${i} {
  return { id: row.id, title: row.title, tags: [...row.tags], score: row.score, related: row.related ?? undefined };
}
`,
    "client.ts": `import axios from "axios";

const client = axios.create({ baseURL: "https://notify.example.com/v1"${isRisky ? "" : ", timeout: 2000"} });

/** Tells the neighbours; a failure is not theirs to handle. */
export async function notify${i}(id: string, title: string): Promise<void> {
  const body = { id, title, at: new Date().toISOString(), source: "feature${i}" };
  try {
    await client.post("/events", body, { headers: { "x-request": \`\${id}-\${title.length}\` } });
  } catch (error) {
    if (axios.isAxiosError(error) && error.response && error.response.status < 500) throw error;
    console.warn("notify failed", { id, reason: error instanceof Error ? error.message : String(error) });
  }
}

export function describe(values: readonly number[]): string {
  const sum = values.reduce((all, value) => all + value, 0);
  const mean = values.length === 0 ? 0 : sum / values.length;
  const parts: string[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (value > mean * 2) parts.push(\`\${index}: far above\`);
    else if (value > mean) parts.push(\`\${index}: above\`);
    else parts.push(\`\${index}: below\`);
  }
  return parts.join(", ");
}
`,
    "types.ts": `export interface Item${i} {
  id: string;
  title: string;
  tags: string[];
  score: number;
  related?: string | undefined;
}

export interface Page {
  after: string;
  size: number;
}

export type Kind${i} = "draft" | "public" | "archived";

export const kinds${i}: readonly Kind${i}[] = ["draft", "public", "archived"];

export function isKind${i}(value: unknown): value is Kind${i} {
  return typeof value === "string" && (kinds${i} as readonly string[]).includes(value);
}
`,
  };
}
