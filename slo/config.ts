/**
 * `slo-lens.yaml`: what a team says about its repository that no SLO file can say. Read leniently: whatever is
 * understood counts, everything else is a problem with its place in the file, and nothing throws.
 */
import picomatch from "picomatch";
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from "yaml";
import type { EndpointRef, SloProblem, State, TextRange } from "./model.ts";
import { write } from "./problem-texts.ts";
import { parseRoute } from "./route-pattern.ts";
import { defaultThresholds } from "./state.ts";
import { stateWords } from "./words.ts";

export type Severity = SloProblem["severity"];
export type Stage = "early" | "growth" | "mature";
export type Criticality = "high" | "normal" | "low";

export interface EndpointConfig {
  readonly endpoint: EndpointRef;
  readonly criticality: Criticality;
  /** What a failure here means for the person who asked; one sentence, owned by the team. */
  readonly harm?: { readonly en: string; readonly ja?: string };
}

/** What changes for the people (and agents) who write code while an objective is in one of the states. */
export interface PolicyRule {
  readonly when: readonly State[];
  /** Rule ids to the severity they are raised to. `*` is every rule. */
  readonly rules: Readonly<Record<string, Severity>>;
  /** `ask`: a coding agent asks before it touches code that serves the objective. */
  readonly agents?: "ask";
  readonly message?: { readonly en: string; readonly ja?: string };
}

export interface TelemetryConfig {
  readonly prometheus?: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
  readonly scrape?: { readonly url: string };
  /** Relative to the folder of slo-lens.yaml. */
  readonly snapshot?: { readonly path: string };
}

export interface SloLensConfig {
  readonly stage: Stage;
  readonly rules: Readonly<Record<string, Severity | "off">>;
  readonly overrides: readonly {
    readonly files: readonly string[];
    readonly rules: Readonly<Record<string, Severity | "off">>;
  }[];
  /** Folder globs to services, first match counts. */
  readonly services: readonly { readonly files: string; readonly service: string }[];
  /** Base paths that a gateway adds to or takes from routes. */
  readonly prefixes: readonly string[];
  /** SLO id to the endpoints it is about. */
  readonly slos: Readonly<Record<string, readonly EndpointRef[]>>;
  readonly endpoints: readonly EndpointConfig[];
  readonly policy: readonly PolicyRule[];
  readonly telemetry: TelemetryConfig;
  /** See `Thresholds` of state.ts. */
  readonly thresholds: { readonly watchRemaining: number; readonly staleSeconds: number };
}

export interface ReadConfig {
  readonly config: SloLensConfig;
  readonly problems: readonly SloProblem[];
}

export const defaultConfig: SloLensConfig = {
  stage: "growth",
  rules: {},
  overrides: [],
  services: [],
  prefixes: [],
  slos: {},
  endpoints: [],
  policy: [],
  telemetry: {},
  thresholds: defaultThresholds,
};

/** The keys of each level; the JSON schema holds the same, and a test compares them. */
export const configKeys = {
  root: [
    "stage",
    "rules",
    "overrides",
    "services",
    "prefixes",
    "slos",
    "endpoints",
    "policy",
    "telemetry",
    "thresholds",
  ],
  override: ["files", "rules"],
  slo: ["endpoints"],
  endpoint: ["criticality", "harm"],
  text: ["en", "ja"],
  policy: ["when", "rules", "agents", "message"],
  telemetry: ["prometheus", "scrape", "snapshot"],
  prometheus: ["url", "headers"],
  scrape: ["url"],
  snapshot: ["path"],
  thresholds: ["watchRemaining", "staleSeconds"],
} as const;

export const stages: readonly Stage[] = ["early", "growth", "mature"];
export const criticalities: readonly Criticality[] = ["high", "normal", "low"];
export const severities: readonly (Severity | "off")[] = ["off", "hint", "information", "warning", "error"];
const states = Object.keys(stateWords) as State[];

/** Larger files are refused whole; a configuration of that size is a mistake or an attack. */
const maxLength = 500_000;
const maxItems = 2000;

/** Whether a workspace path is the configuration's. */
export function isConfigPath(path: string): boolean {
  return /(^|\/)\.?slo-lens\.ya?ml$/.test(path);
}

/**
 * Reads `slo-lens.yaml`. `known.ruleIds`, where given, lets a misspelt rule be told. Ranges are UTF-16 offsets into
 * `text`. Never throws: a file that cannot be read at all gives the defaults and one problem.
 */
export function readConfig(
  path: string,
  text: string,
  known: { readonly ruleIds?: readonly string[] } = {},
): ReadConfig {
  if (text.length > maxLength) {
    return failed(
      {
        en: `${path} is larger than ${maxLength / 1000} kB and was not read.`,
        ja: `${path} は ${maxLength / 1000} kB を超えているため読み込みません。`,
      },
      text,
    );
  }
  try {
    return read(text, known.ruleIds);
  } catch (error) {
    // The YAML parser recurses: nesting of thousands of levels overflows the stack.
    const isDeep = error instanceof RangeError;
    return failed(
      {
        en: `${path} could not be read: ${isDeep ? "it is nested too deeply" : "its YAML is broken"}.`,
        ja: `${path} を読み込めません。${isDeep ? "入れ子が深すぎます" : "YAML が壊れています"}。`,
      },
      text,
    );
  }
}

function failed({ en, ja }: Text, text: string): ReadConfig {
  return {
    config: defaultConfig,
    problems: [
      {
        code: "config-unreadable",
        severity: "error",
        message: en,
        ja,
        range: { start: 0, end: Math.min(1, text.length) },
      },
    ],
  };
}

function read(text: string, ruleIds: readonly string[] | undefined): ReadConfig {
  const problems: SloProblem[] = [];
  const document = parseDocument(text, {
    lineCounter: new LineCounter(),
    keepSourceTokens: false,
    prettyErrors: false,
  });
  for (const error of document.errors.slice(0, 20)) {
    problems.push({
      code: "config-yaml",
      severity: "error",
      message: `YAML: ${error.message.split("\n")[0] ?? "broken"}`,
      range: within(text, error.pos[0], error.pos[1]),
    });
  }
  const reader = readerOf(text, problems, (node) =>
    isAlias(node) ? (node.resolve(document) as Node | undefined) : node,
  );
  const root = document.contents as ParsedNode | null;
  if (root === null) return { config: defaultConfig, problems };
  const map = reader.map(root, "slo-lens.yaml", configKeys.root);
  if (map === undefined) return { config: defaultConfig, problems };

  const rulesAt = (node: Node | null | undefined, what: string) => readRules(reader, node, what, ruleIds);
  const config: SloLensConfig = {
    stage: reader.choice(map.stage, "stage", stages) ?? defaultConfig.stage,
    rules: rulesAt(map.rules, "rules"),
    overrides: reader.list(map.overrides, "overrides").flatMap((item) => {
      const entry = reader.map(item, "overrides[]", configKeys.override);
      if (entry === undefined) return [];
      const files = reader.texts(entry.files, "files").filter((glob) => reader.glob(entry.files, glob));
      if (entry.files === undefined)
        reader.problem(item, "config-missing", {
          en: "An override needs `files`: the globs it is for.",
          ja: "override には対象の glob を並べた `files` が必要です。",
        });
      return files.length === 0 ? [] : [{ files, rules: rulesAt(entry.rules, "rules") }];
    }),
    services: reader.pairs(map.services, "services").flatMap(({ key, keyNode, value }) => {
      const service = reader.text(value, `services.${clip(key)}`);
      return service === undefined || !reader.glob(keyNode, key) ? [] : [{ files: key, service }];
    }),
    prefixes: reader.texts(map.prefixes, "prefixes").filter((prefix) => {
      if (prefix.startsWith("/")) return true;
      reader.problem(map.prefixes, "config-route", {
        en: `A prefix begins with a slash: \`${prefix}\` does not.`,
        ja: `プレフィックスはスラッシュで始めてください(\`${prefix}\`)。`,
      });
      return false;
    }),
    slos: Object.fromEntries(
      reader.pairs(map.slos, "slos").map(({ key, value }) => {
        const list = isMap(value) ? reader.map(value, `slos.${clip(key)}`, configKeys.slo)?.endpoints : value;
        return [key, readEndpoints(reader, list, key)];
      }),
    ),
    endpoints: reader.pairs(map.endpoints, "endpoints").flatMap(({ key, keyNode, value }) => {
      const endpoint = readEndpoint(reader, keyNode, key);
      const entry = reader.map(value, `endpoints.${clip(key)}`, configKeys.endpoint);
      if (endpoint === undefined || entry === undefined) return [];
      const harm = readText(reader, entry.harm, "harm");
      const criticality = reader.choice(entry.criticality, "criticality", criticalities) ?? "normal";
      return [{ endpoint, criticality, ...(harm === undefined ? {} : { harm }) }];
    }),
    policy: reader.list(map.policy, "policy").flatMap((item) => readPolicy(reader, item, rulesAt)),
    telemetry: readTelemetry(reader, map.telemetry),
    thresholds: readThresholds(reader, map.thresholds),
  };
  return { config, problems };
}

type Reader = ReturnType<typeof readerOf>;

function readRules(
  reader: Reader,
  node: Node | null | undefined,
  what: string,
  ruleIds: readonly string[] | undefined,
): Readonly<Record<string, Severity | "off">> {
  const rules: [string, Severity | "off"][] = [];
  for (const { key, keyNode, value } of reader.pairs(node, what)) {
    if (ruleIds !== undefined && key !== "*" && !ruleIds.includes(key)) {
      reader.unknown(
        keyNode,
        "config-unknown-rule",
        { en: `There is no rule \`${clip(key)}\`.`, ja: `ルール \`${clip(key)}\` は存在しません。` },
        key,
        ruleIds,
      );
      continue;
    }
    // YAML 1.1 tools, and habit, write `off` as a boolean; a plain `false` can only mean the same.
    const isOff = isScalar(value) && value.value === false;
    const severity = isOff ? "off" : reader.choice(value, key, severities);
    if (severity !== undefined) rules.push([key, severity]);
  }
  return Object.fromEntries(rules);
}

function readEndpoints(reader: Reader, node: Node | null | undefined, what: string): readonly EndpointRef[] {
  const resolved = reader.resolve(node);
  const items = isSeq(resolved)
    ? reader.list(resolved, what)
    : resolved === undefined || resolved === null
      ? []
      : [resolved];
  return items.flatMap((item) => {
    const text = reader.text(item, what);
    const endpoint = text === undefined ? undefined : readEndpoint(reader, item, text);
    return endpoint === undefined ? [] : [endpoint];
  });
}

const httpMethods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "ALL", "*"];

/** `GET /orders/:id`; a route alone means any method. Undefined for anything else. */
export function parseEndpoint(text: string): EndpointRef | undefined {
  const match = /^\s*(?:(\S+)\s+)?(\/\S*)\s*$/.exec(text);
  if (match === null) return undefined;
  const method = (match[1] ?? "*").toUpperCase();
  const route = match[2] ?? "";
  if (!httpMethods.includes(method) || parseRoute(route) === undefined) return undefined;
  return { method: method === "ALL" ? "*" : method, route };
}

function readEndpoint(reader: Reader, node: Node | null | undefined, text: string): EndpointRef | undefined {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined)
    reader.problem(node, "config-endpoint", {
      en: `\`${clip(text)}\` is no endpoint: write a method and a route, such as \`GET /orders/:id\`.`,
      ja: `\`${clip(text)}\` はエンドポイントの形式ではありません。\`GET /orders/:id\` のようにメソッドとルートを書いてください。`,
    });
  return endpoint;
}

/** One text, or `{ en, ja }`. */
function readText(
  reader: Reader,
  node: Node | null | undefined,
  what: string,
): { en: string; ja?: string } | undefined {
  const resolved = reader.resolve(node);
  if (resolved === undefined || resolved === null) return undefined;
  if (isScalar(resolved)) {
    const en = reader.text(resolved, what);
    return en === undefined ? undefined : { en };
  }
  const map = reader.map(resolved, what, configKeys.text);
  const en = map === undefined ? undefined : reader.text(map.en, "en");
  const ja = map === undefined ? undefined : reader.text(map.ja, "ja");
  if (en === undefined && ja === undefined) return undefined;
  return { en: en ?? ja!, ...(ja === undefined ? {} : { ja }) };
}

function readPolicy(
  reader: Reader,
  item: Node | null,
  rulesAt: (node: Node | null | undefined, what: string) => Readonly<Record<string, Severity | "off">>,
): readonly PolicyRule[] {
  const entry = reader.map(item, "policy[]", configKeys.policy);
  if (entry === undefined) return [];
  const when = reader.texts(entry.when, "when").flatMap((text) => {
    const state = states.find((each) => each === text);
    if (state === undefined)
      reader.unknown(
        entry.when,
        "config-value",
        { en: `\`${clip(text)}\` is no state.`, ja: `\`${clip(text)}\` という状態はありません。` },
        text,
        states,
      );
    return state === undefined ? [] : [state];
  });
  if (entry.when === undefined)
    reader.problem(item, "config-missing", {
      en: "A policy needs `when`: the states it is for.",
      ja: "policy には対象の状態を示す `when` が必要です。",
    });
  if (when.length === 0) return [];
  const rules = Object.entries(rulesAt(entry.rules, "rules")).filter((pair): pair is [string, Severity] => {
    if (pair[1] !== "off") return true;
    reader.problem(entry.rules, "config-value", {
      en: `A policy raises severities; it cannot switch \`${pair[0]}\` off.`,
      ja: `policy は重大度を上げるためのもので、\`${pair[0]}\` を off にはできません。`,
    });
    return false;
  });
  const agents = reader.choice(entry.agents, "agents", ["ask"] as const);
  const message = readText(reader, entry.message, "message");
  return [
    {
      when,
      rules: Object.fromEntries(rules),
      ...(agents === undefined ? {} : { agents }),
      ...(message === undefined ? {} : { message }),
    },
  ];
}

/** Headers that carry secrets by their name. Tokens belong to the editor's secret storage, never to a file. */
const secretHeader = /^(proxy-)?authorization$|^cookie$|token|secret|password|api-?key/i;

function readTelemetry(reader: Reader, node: Node | null | undefined): TelemetryConfig {
  if (node === undefined || node === null) return {};
  const map = reader.map(node, "telemetry", configKeys.telemetry);
  if (map === undefined) return {};
  const prometheus = asMap(reader, map.prometheus, "prometheus", configKeys.prometheus, "url");
  const scrape = asMap(reader, map.scrape, "scrape", configKeys.scrape, "url");
  const snapshot = asMap(reader, map.snapshot, "snapshot", configKeys.snapshot, "path");
  const url = readUrl(reader, prometheus?.url);
  const scrapeUrl = readUrl(reader, scrape?.url);
  const path = reader.text(snapshot?.path, "path");
  const headers = reader.pairs(prometheus?.headers, "headers").flatMap(({ key, keyNode, value }) => {
    if (secretHeader.test(key)) {
      reader.problem(keyNode, "config-secret", {
        en: `\`${clip(key)}\` carries a secret and was not used. Store the token with the command "Set token" instead.`,
        ja: `\`${clip(key)}\` には秘密情報が入るため使用しません。トークンはコマンド「トークンを設定」で保存してください。`,
      });
      return [];
    }
    const text = reader.text(value, key);
    if (text === undefined) return [];
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(key) || /[\r\n\0]/.test(text)) {
      reader.problem(keyNode, "config-value", {
        en: `\`${clip(key)}\` is no header that can be sent.`,
        ja: `\`${clip(key)}\` は送信できるヘッダーではありません。`,
      });
      return [];
    }
    return [[key, text] as const];
  });
  return {
    ...(url === undefined ? {} : { prometheus: { url, headers: Object.fromEntries(headers) } }),
    ...(scrapeUrl === undefined ? {} : { scrape: { url: scrapeUrl } }),
    ...(path === undefined ? {} : { snapshot: { path } }),
  };
}

/** A map, or a single text that stands for its main key: `scrape: http://localhost:3000/metrics`. */
function asMap(reader: Reader, node: Node | null | undefined, what: string, keys: readonly string[], main: string) {
  const resolved = reader.resolve(node);
  if (resolved === undefined || resolved === null) return undefined;
  return isScalar(resolved) ? { [main]: resolved as Node } : reader.map(resolved, what, keys);
}

function readUrl(reader: Reader, node: Node | null | undefined): string | undefined {
  const text = reader.text(node, "url");
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    reader.problem(node, "config-value", {
      en: `\`${clip(text)}\` is no http or https address.`,
      ja: `\`${clip(text)}\` は http / https のアドレスではありません。`,
    });
    return undefined;
  }
  if (url.username !== "" || url.password !== "") {
    reader.problem(node, "config-secret", {
      en: `The address holds a user name or password and was not used. Store the token with the command "Set token" instead.`,
      ja: "アドレスにユーザー名またはパスワードが含まれているため使用しません。トークンはコマンド「トークンを設定」で保存してください。",
    });
    return undefined;
  }
  return text;
}

function readThresholds(reader: Reader, node: Node | null | undefined): SloLensConfig["thresholds"] {
  if (node === undefined || node === null) return defaultThresholds;
  const map = reader.map(node, "thresholds", configKeys.thresholds);
  if (map === undefined) return defaultThresholds;
  return {
    watchRemaining: reader.number(map.watchRemaining, "watchRemaining", 0, 1) ?? defaultThresholds.watchRemaining,
    staleSeconds: reader.number(map.staleSeconds, "staleSeconds", 10, 31_536_000) ?? defaultThresholds.staleSeconds,
  };
}

// --- reading YAML nodes --------------------------------------------------------------------------------------------

const clip = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text).replace(/[\r\n`]+/g, " ");

function within(text: string, start: number, end: number): TextRange {
  const from = Math.max(0, Math.min(start, text.length));
  return { start: from, end: Math.max(from, Math.min(end, text.length)) };
}

interface Text {
  readonly en: string;
  readonly ja: string;
}

/** Typed access to nodes; every wrong one becomes a problem at its place. */
function readerOf(
  text: string,
  problems: SloProblem[],
  follow: (node: Node | null | undefined) => Node | null | undefined,
) {
  const rangeOf = (node: Node | null | undefined): TextRange => {
    const range = node?.range;
    if (range === undefined || range === null) return { start: 0, end: Math.min(1, text.length) };
    // A map's range spans all of it; its first line is enough to point at.
    const end = isMap(node) || isSeq(node) ? lineEnd(text, range[0], range[1]) : range[1];
    return within(text, range[0], end);
  };
  const problem = (node: Node | null | undefined, code: string, { en, ja }: Text, fixes?: SloProblem["fixes"]) => {
    if (problems.length < 200)
      problems.push({
        code,
        severity: code === "config-secret" ? "error" : "warning",
        message: en,
        ja,
        range: rangeOf(node),
        ...(fixes === undefined ? {} : { fixes }),
      });
  };
  const unknown = (
    node: Node | null | undefined,
    code: string,
    { en, ja }: Text,
    word: string,
    allowed: readonly string[],
  ) => {
    const meant = nearest(word, allowed);
    if (meant === undefined) {
      const all = allowed.join(", ");
      return problem(
        node,
        code,
        allowed.length <= 12 ? { en: `${en} Allowed: ${all}.`, ja: `${ja}指定できる値: ${all}。` } : { en, ja },
      );
    }
    const fixes = isScalar(node) ? [write(rangeOf(node), meant)] : undefined;
    problem(node, code, { en: `${en} Did you mean \`${meant}\`?`, ja: `${ja}\`${meant}\` ではありませんか。` }, fixes);
  };
  const resolve = follow;

  /** Pairs of a map with text keys, none for anything else. */
  const pairs = (raw: Node | null | undefined, what: string) => {
    const node = resolve(raw);
    if (node === undefined || node === null || (isScalar(node) && node.value === null)) return [];
    if (!isMap(node)) {
      problem(node, "config-type", {
        en: `\`${what}\` must be a map of keys to values.`,
        ja: `\`${what}\` はキーと値の対応(マップ)で書いてください。`,
      });
      return [];
    }
    return readPairs(node, what);
  };
  const readPairs = (node: YAMLMap, what: string) => {
    if (node.items.length > maxItems)
      problem(node, "config-size", {
        en: `\`${what}\` has more than ${maxItems} entries; the rest was not read.`,
        ja: `\`${what}\` は ${maxItems} 件を超えています。それ以降は読み込みません。`,
      });
    return (node.items as Pair<Node, Node | null>[]).slice(0, maxItems).flatMap((pair) => {
      const keyNode = resolve(pair.key);
      if (!isScalar(keyNode) || keyNode.value === null) {
        problem(keyNode, "config-type", {
          en: `A key of \`${what}\` is not a text.`,
          ja: `\`${what}\` に文字列でないキーがあります。`,
        });
        return [];
      }
      return [{ key: String(keyNode.value), keyNode: keyNode as Node, value: resolve(pair.value) ?? null }];
    });
  };
  /** The values of a map with known keys; unknown ones are told. Undefined for anything but a map. */
  const map = (
    raw: Node | null | undefined,
    what: string,
    keys: readonly string[],
  ): Readonly<Record<string, Node | null | undefined>> | undefined => {
    const node = resolve(raw);
    if (isScalar(node) && node.value === null) return {};
    if (!isMap(node)) {
      problem(node ?? raw, "config-type", {
        en: `\`${what}\` must be a map with the keys ${keys.join(", ")}.`,
        ja: `\`${what}\` は次のキーを持つマップで書いてください: ${keys.join(", ")}。`,
      });
      return undefined;
    }
    const found: Record<string, Node | null> = Object.create(null);
    for (const { key, keyNode, value } of readPairs(node, what)) {
      if (keys.includes(key)) found[key] = value;
      else
        unknown(
          keyNode,
          "config-unknown-key",
          { en: `Unknown key \`${clip(key)}\`.`, ja: `未知のキー \`${clip(key)}\` です。` },
          key,
          keys,
        );
    }
    return found;
  };
  const list = (raw: Node | null | undefined, what: string): readonly (Node | null)[] => {
    const node = resolve(raw);
    if (node === undefined || node === null || (isScalar(node) && node.value === null)) return [];
    if (!isSeq(node)) {
      problem(node, "config-type", { en: `\`${what}\` must be a list.`, ja: `\`${what}\` はリストで書いてください。` });
      return [];
    }
    return (node.items as (Node | null)[]).slice(0, maxItems).map((item) => resolve(item) ?? null);
  };
  const readScalar = (raw: Node | null | undefined, what: string): string | undefined => {
    const node = resolve(raw);
    if (node === undefined || node === null) return undefined;
    if (isScalar(node) && (typeof node.value === "string" || typeof node.value === "number")) {
      const value = String(node.value);
      if (value.length <= 2000 && value.trim() !== "") return value;
      problem(
        node,
        "config-value",
        value.trim() === ""
          ? { en: `\`${what}\` is empty.`, ja: `\`${what}\` が空です。` }
          : { en: `\`${what}\` is longer than 2,000 characters.`, ja: `\`${what}\` が 2,000 文字を超えています。` },
      );
      return undefined;
    }
    problem(node, "config-type", { en: `\`${what}\` must be a text.`, ja: `\`${what}\` は文字列で書いてください。` });
    return undefined;
  };
  const texts = (raw: Node | null | undefined, what: string): readonly string[] => {
    const node = resolve(raw);
    const items = isSeq(node) ? list(node, what) : node === undefined || node === null ? [] : [node];
    return items.flatMap((item) => readScalar(item, what) ?? []);
  };
  const choice = <T extends string>(
    raw: Node | null | undefined,
    what: string,
    allowed: readonly T[],
  ): T | undefined => {
    const node = resolve(raw);
    if (node === undefined || node === null) return undefined;
    const value = isScalar(node) ? node.value : undefined;
    const found = allowed.find((each) => each === value);
    if (found === undefined)
      unknown(
        node,
        "config-value",
        {
          en: `\`${clip(String(value ?? "null"))}\` is no value of \`${what}\`.`,
          ja: `\`${clip(String(value ?? "null"))}\` は \`${what}\` に指定できません。`,
        },
        String(value ?? ""),
        allowed,
      );
    return found;
  };
  const number = (raw: Node | null | undefined, what: string, low: number, high: number): number | undefined => {
    const node = resolve(raw);
    if (node === undefined || node === null) return undefined;
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === "number" && value >= low && value <= high) return value;
    problem(node, "config-value", {
      en: `\`${what}\` must be a number from ${low} to ${high}.`,
      ja: `\`${what}\` は ${low} から ${high} までの数値で指定してください。`,
    });
    return undefined;
  };
  const glob = (node: Node | null | undefined, pattern: string): boolean => {
    if (isGlob(pattern)) return true;
    problem(node, "config-glob", {
      en: `\`${clip(pattern)}\` is no glob that can be used.`,
      ja: `\`${clip(pattern)}\` は glob として解釈できません。`,
    });
    return false;
  };
  return { problem, unknown, resolve, pairs, map, list, text: readScalar, texts, choice, number, glob };
}

function lineEnd(text: string, start: number, end: number): number {
  const newline = text.indexOf("\n", start);
  return newline < 0 ? end : Math.min(end, newline);
}

/** The allowed word that is at most two edits (one for short words) away. */
export function nearest(word: string, allowed: readonly string[]): string | undefined {
  const limit = word.length <= 4 ? 1 : 2;
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const each of allowed) {
    if (Math.abs(each.length - word.length) > limit) continue;
    const distance = editDistance(word.toLowerCase(), each.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { word: each, distance };
  }
  return best?.word;
}

/** Levenshtein's distance, where two neighbours swapped count once. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1]!;
      let best = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

// --- asking the configuration --------------------------------------------------------------------------------------

/** Globs compile to regular expressions; the bound keeps a hostile one from costing time. */
function isGlob(pattern: string): boolean {
  return (
    pattern.length <= 300 && (pattern.match(/[*{(]/g)?.length ?? 0) <= 12 && !/[+*?@!]\([^)]*[+*?@!]\(/.test(pattern)
  );
}

const globs = new Map<string, (path: string) => boolean>();

/** Whether a workspace path fits a glob; a folder's name alone means everything in it. */
export function fitsGlob(path: string, glob: string): boolean {
  if (!isGlob(glob)) return false;
  let test = globs.get(glob);
  if (test === undefined) {
    const clean = glob.replace(/^\.\//, "").replace(/\/+$/, "");
    const patterns = clean === "" || clean === "." ? ["**"] : [clean, `${clean}/**`];
    // Extended globs are the part of the syntax that can be made to backtrack without end.
    test = picomatch(patterns, { dot: true, noextglob: true });
    if (globs.size >= 1000) globs.clear();
    globs.set(glob, test);
  }
  return test(path);
}

/** The service that the configuration gives to a path; undefined where it gives none. */
export function serviceFor(config: SloLensConfig, path: string): string | undefined {
  return config.services.find((entry) => fitsGlob(path, entry.files))?.service;
}

/**
 * What a stage makes of a rule's own severity. A team of one hears of everything and is stopped by nothing but errors;
 * a platform organisation treats what is merely worth knowing as worth fixing. Never raised above warning.
 */
const stagePresets: Readonly<Record<Stage, Readonly<Record<Severity, Severity>>>> = {
  early: { error: "warning", warning: "information", information: "hint", hint: "hint" },
  growth: { error: "error", warning: "warning", information: "information", hint: "hint" },
  mature: { error: "error", warning: "warning", information: "warning", hint: "information" },
};

/** The severity of a rule in a file before reach and SLO state have their say: the stage's preset, then `rules`, then `overrides` (the last that fits). */
export function severityFor(config: SloLensConfig, ruleId: string, base: Severity, path: string): Severity | "off" {
  const own = (rules: Readonly<Record<string, Severity | "off">>) =>
    Object.hasOwn(rules, ruleId) ? rules[ruleId] : Object.hasOwn(rules, "*") ? rules["*"] : undefined;
  let severity: Severity | "off" = own(config.rules) ?? stagePresets[config.stage][base];
  for (const override of config.overrides) {
    const overridden = own(override.rules);
    if (overridden !== undefined && override.files.some((glob) => fitsGlob(path, glob))) severity = overridden;
  }
  return severity;
}

/** The configuration's entry on an endpoint; the same route in another notation counts. */
export function endpointConfigFor(
  config: SloLensConfig,
  endpoint: { readonly method: string; readonly route: string },
): EndpointConfig | undefined {
  if (config.endpoints.length === 0) return undefined;
  const wanted = parseRoute(endpoint.route)?.canonical;
  const fits = (entry: EndpointConfig) =>
    entry.endpoint.route === endpoint.route ||
    (wanted !== undefined && parseRoute(entry.endpoint.route)?.canonical === wanted);
  const isMethod = (entry: EndpointConfig) =>
    entry.endpoint.method === endpoint.method || (endpoint.method === "ALL" && entry.endpoint.method === "*");
  return (
    config.endpoints.find((entry) => isMethod(entry) && fits(entry)) ??
    config.endpoints.find((entry) => entry.endpoint.method === "*" && fits(entry))
  );
}

/** The policies in force for a state. */
export function policiesFor(config: SloLensConfig, state: State): readonly PolicyRule[] {
  return config.policy.filter((policy) => policy.when.includes(state));
}
