/** Server or browser: most outbound calls of a mixed repository run in neither a place nor a way that we judge. */
import type { FileSummary } from "./model.ts";
import type { PackageRoot } from "./packages.ts";

const BROWSER_PATH =
  /(^|\/)(components?|hooks|public|static|client|frontend|web-ui|ui|browser|storybook|stories)(\/|$)|\.(stories|client)\.[jt]sx?$/;
const SERVER_PATH =
  /(^|\/)(server|api|backend|services?|routes?|controllers?|workers?|jobs|queues|handlers?|middlewares?|lib\/server|server-only)(\/|$)|\.server\.[jt]sx?$/;
const SERVER_PACKAGES =
  /^(node:|express$|fastify$|koa$|@nestjs\/|@hapi\/|hono$|pg$|mysql2|knex$|sequelize|typeorm|mongoose$|mongodb$|@prisma\/client$|slonik$|@silverhand\/slonik$|@mikro-orm\/|objection$|ioredis$|redis$|bullmq$|kafkajs$|amqplib$|next\/headers$|next\/server$|@aws-sdk\/|h3$|nodemailer$)/;
const BROWSER_PACKAGES =
  /^(react-dom(\/client)?|react-router-dom|vue|svelte|@angular\/(core|common|router|platform-browser)|next\/(link|router|navigation|image)|@tanstack\/react-query|swr|zustand|react-hook-form|@mui\/|antd)/;
const BROWSER_GLOBALS = new Set(["window", "document", "localStorage", "sessionStorage", "navigator", "chrome"]);

export type Side = "server" | "browser" | "unknown";

/** What decided where a file runs; `what` is the directive, module, name or folder, as written. */
export interface SideReason {
  readonly side: Side;
  readonly by: "directive" | "import" | "markup" | "global" | "package" | "path" | "nothing";
  readonly what?: string;
}

/** How many files of each package show by their code where it runs. Asked once per revision; a package is its folder. */
export type PackageSides = (path: string) => { readonly server: number; readonly browser: number };

/** One file may be a helper that happens to read an environment; three of a kind and none of the other are a habit. */
const ENOUGH = 3;
const NEITHER = { server: 0, browser: 0 };

/** Counts over a workspace. */
export function packageSides(files: Iterable<FileSummary>, rootOf: PackageRoot): PackageSides {
  const counts = new Map<string, { server: number; browser: number }>();
  for (const file of files) {
    const side = sideByCode(file);
    if (side === "unknown" || pathKind(file.path) !== undefined) continue;
    const root = rootOf(file.path);
    const known = counts.get(root) ?? { server: 0, browser: 0 };
    known[side]++;
    counts.set(root, known);
  }
  return (path) => counts.get(rootOf(path)) ?? NEITHER;
}

/**
 * Judged by directives first, then by what the file imports and touches, then by what its package is made of: one without
 * any page is no front end, whatever its folders are called. Where a file lies decides last.
 */
export function sideReason(file: FileSummary, packages: PackageSides): SideReason {
  const own = byCode(file);
  if (own.side !== "unknown") return own;
  const { server, browser } = packages(file.path);
  if (server >= ENOUGH && browser === 0) return { side: "server", by: "package" };
  if (browser >= ENOUGH && server === 0) return { side: "browser", by: "package" };
  const serverPath = SERVER_PATH.exec(file.path);
  const browserPath = BROWSER_PATH.exec(file.path);
  if ((serverPath === null) !== (browserPath === null))
    return {
      side: serverPath ? "server" : "browser",
      by: "path",
      what: (serverPath ?? browserPath)![0].replace(/^\/|\/$/g, ""),
    };
  return UNDECIDED;
}

const UNDECIDED: SideReason = { side: "unknown", by: "nothing" };
const known = new WeakMap<FileSummary, SideReason>();

function sideByCode(file: FileSummary): Side {
  return byCode(file).side;
}

function byCode(file: FileSummary): SideReason {
  let side = known.get(file);
  if (side === undefined) known.set(file, (side = readSide(file)));
  return side;
}

function readSide(file: FileSummary): SideReason {
  if (file.directives.includes("use client")) return { side: "browser", by: "directive", what: "use client" };
  if (file.directives.includes("use server")) return { side: "server", by: "directive", what: "use server" };
  let server: string | undefined;
  let browser: string | undefined;
  for (const it of file.imports) {
    if (it.typeOnly) continue;
    if (SERVER_PACKAGES.test(it.specifier)) server ??= it.specifier;
    if (BROWSER_PACKAGES.test(it.specifier)) browser ??= it.specifier;
  }
  if (server !== undefined && browser === undefined) return { side: "server", by: "import", what: server };
  const isMarkup = file.hasJsx || /\.(vue|svelte)$/.test(file.path);
  if (server === undefined && (browser !== undefined || isMarkup))
    return browser === undefined ? { side: "browser", by: "markup" } : { side: "browser", by: "import", what: browser };
  for (const it of file.calls) {
    let { callee } = it;
    while (callee.k === "get") callee = callee.of;
    if (callee.k === "global" && BROWSER_GLOBALS.has(callee.name))
      return { side: "browser", by: "global", what: callee.name };
    // `((window) => { … })(window)`
    if (callee.k === "fn" && it.args.some((arg) => arg.k === "global" && BROWSER_GLOBALS.has(arg.name)))
      return { side: "browser", by: "global", what: "window" };
  }
  return UNDECIDED;
}

/** What shows others how to use the product: examples anywhere, the rest beside it, at the top or in one of its packages. */
const SAMPLE_PATH =
  /(?:^|\/)(?:examples|cookbooks?)\/|^(?:(?:packages|apps|libs)\/[^/]+\/)?(?:example|samples?|demos?|quickstarts?|playgrounds?)\//i;

/** Whether code is there to be read or tried. */
export function isSample(path: string): boolean {
  return SAMPLE_PATH.test(path) && !ADDRESS.test(path);
}

const TEST_PATH =
  /(^|\/)(__tests__|__mocks__|__e2e__|__integration_tests__|tests?|e2e|acceptance|spec|specs|fixtures?|testing|test-utils?|mocks?|cypress|playwright)(\/|$)|[.-](test|spec|servertest|clienttest|e2e|e2e-spec|bench|mock)\.[cm]?[jt]sx?$|(^|\/)(vitest|jest|playwright|cypress)\.[^/]*$|(^|\/)(test-?setup|setup-?tests?|test-?helpers?)\.[cm]?[jt]sx?$/i;
const MIGRATION_PATH = /(^|\/)(migrations?|alterations|upgrades)(\/|$)/i;
// Below `src` tools are what a model may call, and benchmarks what a service compares with.
const SCRIPT_PATH =
  /(^|\/)(scripts|bin|examples?\/scripts)(\/|$)|^(?:(?:packages|apps|libs)\/[^/]+\/)?(?:tools|benchmarks?)\/|^\.(?:github|gitlab|circleci)\/|(^|\/)(gulpfile|Gruntfile|rollup\.config|vite\.config|webpack\.config|next\.config|eslint\.config|tailwind\.config|postcss\.config|esbuild)\.[cm]?[jt]s$/i;
const SEED_PATH =
  /(^|\/)([sS]eeds?|[sS]eeders?)(\/|$)|[./-][sS]eed(er)?\.[cm]?[jt]s$|(^|\/)seed[A-Z_-]\w*\.[cm]?[jt]s$/;

/** Folders whose names are parts of addresses: `app/api/tools/route.ts` is no tool, and `pages/api/seed.ts` seeds nothing. */
const ADDRESS = /(^|\/)(?:app\/(?:.*\/)?route\.[jt]sx?|pages\/api\/.*|routes\/(?:.*\/)?\+(?:server|page|layout)\b.*)$/;

/** Below these, names are what the service is asked for: `controllers/seed/movies.ts`. */
const SERVED = /(^|\/)(controllers|routers?|routes|handlers|endpoints|resolvers)\//;

export type PathKind = "test" | "migration" | "seed" | "script";

/** Answers by path: every rule and every framework asks of every file. */
const kinds = new Map<string, PathKind | undefined>();
const MAX_KINDS = 100_000;

/** What code does by where it lies: tests, migrations, seeds and scripts by the conventions of their runners. */
export function pathKind(at: string): PathKind | undefined {
  const known = kinds.get(at);
  if (known !== undefined || kinds.has(at)) return known;
  if (kinds.size >= MAX_KINDS) kinds.clear();
  const kind = readPathKind(at);
  kinds.set(at, kind);
  return kind;
}

function readPathKind(at: string): PathKind | undefined {
  const address = ADDRESS.exec(at);
  // What lies above the address still tells, and so does a file's own ending.
  const name = at.slice(at.lastIndexOf("/") + 1);
  const path = address ? `${at.slice(0, address.index)}/x${name.slice(Math.max(name.indexOf("."), 0))}` : at;
  if (TEST_PATH.test(path)) return "test";
  if (MIGRATION_PATH.test(path)) return "migration";
  if (SEED_PATH.test(path) && !SERVED.test(path)) return "seed";
  if (SCRIPT_PATH.test(path)) return "script";
  return undefined;
}
