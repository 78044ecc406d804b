/** Server or browser: most outbound calls of a mixed repository run in neither a place nor a way that we judge. */
import type { FileSummary } from "./model.ts";
import type { Program } from "./program.ts";

const BROWSER_PATH =
  /(^|\/)(components?|hooks|public|static|client|frontend|web-ui|ui|browser|storybook|stories)(\/|$)|\.(stories|client)\.[jt]sx?$/;
const SERVER_PATH =
  /(^|\/)(server|api|backend|services?|routes?|controllers?|workers?|jobs|queues|handlers?|middlewares?|lib\/server|server-only)(\/|$)|\.server\.[jt]sx?$/;
const SERVER_PACKAGES =
  /^(node:|express$|fastify$|koa$|@nestjs\/|@hapi\/|hono$|pg$|mysql2|knex$|sequelize|typeorm|mongoose$|mongodb$|@prisma\/client$|slonik$|@silverhand\/slonik$|@mikro-orm\/|objection$|ioredis$|redis$|bullmq$|kafkajs$|amqplib$|next\/headers$|next\/server$|@aws-sdk\/|h3$|nodemailer$)/;
const BROWSER_PACKAGES =
  /^(react-dom(\/client)?|react-router-dom|vue|svelte|@angular\/(core|common|router|platform-browser)|next\/(link|router|navigation|image)|@tanstack\/react-query|swr|zustand|react-hook-form|@mui\/|antd)/;
const BROWSER_GLOBALS = new Set(["window", "document", "localStorage", "sessionStorage", "navigator", "chrome"]);

/** Judged by directives first, then by what the file imports and touches, then by where it lies. */
export function sideOf(_program: Program, file: FileSummary): "server" | "browser" | "unknown" {
  if (file.directives.includes("use client")) return "browser";
  if (file.directives.includes("use server")) return "server";
  let server = 0;
  let browser = 0;
  for (const it of file.imports) {
    if (it.typeOnly) continue;
    if (SERVER_PACKAGES.test(it.specifier)) server++;
    if (BROWSER_PACKAGES.test(it.specifier)) browser++;
  }
  if (server > 0 && browser === 0) return "server";
  if (file.hasJsx || /\.(vue|svelte)$/.test(file.path)) browser++;
  if (browser > 0 && server === 0) return "browser";
  for (const it of file.calls) {
    let { callee } = it;
    while (callee.k === "get") callee = callee.of;
    if (callee.k === "global" && BROWSER_GLOBALS.has(callee.name)) return "browser";
    // `((window) => { … })(window)`
    if (callee.k === "fn" && it.args.some((arg) => arg.k === "global" && BROWSER_GLOBALS.has(arg.name)))
      return "browser";
  }
  if (SERVER_PATH.test(file.path) && !BROWSER_PATH.test(file.path)) return "server";
  if (BROWSER_PATH.test(file.path) && !SERVER_PATH.test(file.path)) return "browser";
  return "unknown";
}

const TEST_PATH =
  /(^|\/)(__tests__|__mocks__|__e2e__|tests?|e2e|spec|specs|fixtures?|testing|test-utils?|mocks?|cypress|playwright)(\/|$)|[.-](test|spec|servertest|clienttest|e2e|e2e-spec|bench|mock)\.[cm]?[jt]sx?$|(^|\/)(vitest|jest|playwright|cypress)\.[^/]*$|(^|\/)(test-?setup|setup-?tests?|test-?helpers?)\.[cm]?[jt]sx?$/i;
const MIGRATION_PATH = /(^|\/)(migrations?|alterations)(\/|$)/i;
const SCRIPT_PATH =
  /(^|\/)(scripts|tools|bin|benchmarks?|examples?\/scripts)(\/|$)|(^|\/)(gulpfile|rollup\.config|vite\.config|webpack\.config|next\.config|eslint\.config|tailwind\.config|postcss\.config|esbuild)\.[cm]?[jt]s$/i;
const SEED_PATH = /(^|\/)(seeds?|seeders?)(\/|$)|[./-]seed(er)?\.[cm]?[jt]s$/i;

/** Folders whose names are parts of addresses: `app/api/tools/route.ts` is no tool, and `pages/api/seed.ts` seeds nothing. */
const ADDRESS = /(^|\/)(?:app\/(?:.*\/)?route\.[jt]sx?|pages\/api\/.*|routes\/(?:.*\/)?\+(?:server|page|layout)\b.*)$/;

/** What code does by where it lies: tests, migrations, seeds and scripts by the conventions of their runners. */
export function pathKind(at: string): "test" | "migration" | "seed" | "script" | undefined {
  const address = ADDRESS.exec(at);
  // What lies above the address still tells, and so does a file's own ending.
  const name = at.slice(at.lastIndexOf("/") + 1);
  const path = address ? `${at.slice(0, address.index)}/x${name.slice(Math.max(name.indexOf("."), 0))}` : at;
  if (TEST_PATH.test(path)) return "test";
  if (MIGRATION_PATH.test(path)) return "migration";
  if (SEED_PATH.test(path)) return "seed";
  if (SCRIPT_PATH.test(path)) return "script";
  return undefined;
}
