/**
 * Folders of a workspace whose code runs in a browser or on a phone, told from names and manifests before anything is
 * read: half of many repositories, and no server of theirs waits there. A file of them that a server imports is read all
 * the same, so a wrong guess costs what only such a folder starts. When in doubt a folder is not one.
 */

/** Draws a page or a screen. */
const USER_INTERFACE =
  /^(react-dom|react-native|expo|preact|vue|svelte|solid-js|@angular\/core|@ionic\/core|lit|@builder\.io\/qwik|ember-source)$/;

/** Renders on a server, so that a file of components may well ask a database. */
const RENDERS_ON_SERVER =
  /^(next|nuxt|nuxt3|astro|gatsby|waku|vinxi|blitz|vike|vite-plugin-ssr|expo-server|@remix-run\/.+|@react-router\/.+|@sveltejs\/kit|@redwoodjs\/.+|@analogjs\/.+|@angular\/ssr|@solidjs\/start|@tanstack\/(react-|solid-)?start|@builder\.io\/qwik-city)$/;

/** Serves, keeps data or works off a queue. */
const SERVES =
  /^(express|fastify|koa|hono|restify|polka|h3|nitropack|nitro|elysia|ws|socket\.io|electron|meteor-node-stubs|payload|graphql-yoga|apollo-server.*|firebase-functions|wrangler|@cloudflare\/workers-types|serverless|pg|postgres|mysql2?|mongoose|mongodb|knex|sequelize|typeorm|drizzle-orm|kysely|objection|redis|ioredis|bull|bullmq|kafkajs|amqplib|@hono\/.+|@nestjs\/.+|@hapi\/.+|@feathersjs\/.+|@adonisjs\/.+|@strapi\/.+|@keystone-6\/.+|@apollo\/server|@trpc\/server|@prisma\/client|@mikro-orm\/.+|@aws-sdk\/.+|@types\/aws-lambda|@types\/express|@vercel\/node|@netlify\/functions|@fastify\/.+|@koa\/.+)$/;

const SERVER_NAME = /(^|\/)([^/]*\.)?(server|api|backend|entry-server)(\.[^/]*)?(\/|$)/;
const HALF = /\/(?:client|frontend|browser|server|backend|api)(?=\/)/g;
const SERVER_HALF = /server|backend|api/;
const SOURCE = /\.[cm]?[jt]sx?$/;
const COMPONENT = /\.[jt]sx$/;
/** Files of which a folder's share of components says something. */
const MANY = 30;

/**
 * @param paths of all files, relative to the root
 * @param text of a manifest; undefined where it cannot be read
 * @returns folders relative to the root, none within another; never the root itself
 */
export function browserFolders(paths: Iterable<string>, text: (path: string) => string | undefined): readonly string[] {
  const all = [...paths];
  const packages = new Map<string, readonly string[]>();
  for (const path of all) {
    if (path !== "package.json" && !path.endsWith("/package.json")) continue;
    packages.set(path.slice(0, Math.max(0, path.length - "/package.json".length)), dependencies(text(path)));
  }
  const found = [...packages]
    .filter(([folder, names]) => folder !== "" && isOnly(USER_INTERFACE, names))
    // A package of a server within it is a sign that the outer one only holds things together.
    .filter(([folder]) => ![...packages].some(([other, names]) => isBelow(other, folder) && names.some(isServer)))
    .map(([folder]) => folder);
  found.push(...componentFolders(all, packages, found));
  found.push(...clientsBesideServers(all, packages));
  return found.filter((it) => !found.some((other) => it !== other && isBelow(it, other))).sort();
}

/** Beside a server in one package: folders that hold components for the most part and name no server. */
function componentFolders(
  paths: readonly string[],
  packages: ReadonlyMap<string, readonly string[]>,
  known: readonly string[],
): string[] {
  const counts = new Map<string, { all: number; components: number; isMixed: boolean }>();
  for (const path of paths) {
    if (!SOURCE.test(path)) continue;
    const owner = ownerOf(path, packages);
    const names = owner === undefined ? undefined : packages.get(owner);
    if (!names || names.some((it) => RENDERS_ON_SERVER.test(it)) || !names.some((it) => USER_INTERFACE.test(it)))
      continue;
    const inner = owner === "" ? path : path.slice(owner!.length + 1);
    const parts = inner.split("/");
    const depth = parts[0] === "src" ? 2 : 1;
    if (parts.length <= depth) continue;
    const folder = [...(owner === "" ? [] : [owner!]), ...parts.slice(0, depth)].join("/");
    if (known.some((it) => isBelow(folder, it) || it === folder)) continue;
    const count = counts.get(folder) ?? { all: 0, components: 0, isMixed: false };
    count.all++;
    if (COMPONENT.test(path)) count.components++;
    if (SERVER_NAME.test(path)) count.isMixed = true;
    counts.set(folder, count);
  }
  return [...counts].flatMap(([folder, it]) =>
    it.all >= MANY && it.components * 2 > it.all && !it.isMixed ? [folder] : [],
  );
}

/**
 * `client` beside `server` in one package that draws pages: the two halves of a plug-in or a feature. One that has no
 * server half of its own is known by its neighbours, which have.
 */
function clientsBesideServers(paths: readonly string[], packages: ReadonlyMap<string, readonly string[]>): string[] {
  const clients = new Set<string>();
  const servers = new Set<string>();
  for (const path of paths) {
    if (!SOURCE.test(path)) continue;
    for (const half of path.matchAll(HALF)) {
      const parent = path.slice(0, half.index);
      if (SERVER_HALF.test(half[0])) servers.add(parent);
      else clients.add(`${parent}/${half[0].slice(1)}`);
    }
  }
  const above = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const kinds = new Set([...servers].map(above));
  return [...clients].filter((it) => {
    if (!servers.has(above(it)) && (above(above(it)) === "" || !kinds.has(above(above(it))))) return false;
    const names = packages.get(ownerOf(`${it}/`, packages) ?? "") ?? [];
    return names.some((name) => USER_INTERFACE.test(name)) && !names.some((name) => RENDERS_ON_SERVER.test(name));
  });
}

function isOnly(what: RegExp, names: readonly string[]): boolean {
  return names.some((it) => what.test(it)) && !names.some(isServer);
}

function isServer(name: string): boolean {
  return SERVES.test(name) || RENDERS_ON_SERVER.test(name);
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** The nearest folder above a file that has a manifest. */
function ownerOf(path: string, packages: ReadonlyMap<string, unknown>): string | undefined {
  for (let at = path.lastIndexOf("/"); at >= 0; at = path.lastIndexOf("/", at - 1)) {
    const folder = path.slice(0, at);
    if (packages.has(folder)) return folder;
    if (at === 0) break;
  }
  return packages.has("") ? "" : undefined;
}

function dependencies(manifest: string | undefined): readonly string[] {
  if (manifest === undefined) return [];
  try {
    const { dependencies, devDependencies } = JSON.parse(manifest) as Record<string, unknown>;
    return [dependencies, devDependencies].flatMap((it) => (it && typeof it === "object" ? Object.keys(it) : []));
  } catch {
    return [];
  }
}
