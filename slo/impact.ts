/**
 * What a finding endangers: how grave it is where it stands, once it is known which endpoints reach it, how their
 * objectives fare and how much the team says they matter. Findings are then ordered by what they endanger.
 */
import { type Criticality, endpointConfigFor, policiesFor, type Severity, type SloLensConfig } from "./config.ts";
import type { CodeEndpoint, EndpointShare, Match, ObjectiveStatus, Slo, State } from "./model.ts";
import { ofOne, urgency } from "./state.ts";
import { countText, durationText, type Language, type Phrase, percentText } from "./words.ts";

/** An endpoint that reaches a finding, with the most urgent of its objectives. */
export interface EndpointImpact {
  readonly endpoint: CodeEndpoint;
  readonly criticality: Criticality;
  readonly harm?: { readonly en: string; readonly ja?: string };
  readonly slo?: Slo;
  readonly status?: ObjectiveStatus;
  /** This endpoint's part in the objective. */
  readonly share?: EndpointShare;
  readonly matchedBy?: Match["by"];
}

export interface Impact {
  readonly severity: Severity;
  /** Most urgent first. */
  readonly endpoints: readonly EndpointImpact[];
  /** A policy in force asks agents to ask before they change code here. */
  readonly agents?: "ask";
  /** Sentences of the policies in force. */
  readonly messages: readonly { readonly en: string; readonly ja?: string }[];
  /** Greater is more urgent; for ordering alone. */
  readonly weight: number;
}

/** Everything known of the objectives of a workspace at one time; build it once per report with `sloView`. */
export interface SloView {
  readonly config: SloLensConfig;
  /** The endpoint's objectives, most urgent first. */
  readonly of: (endpoint: { readonly method: string; readonly route: string; readonly path?: string }) => readonly {
    readonly slo: Slo;
    readonly match: Match;
    readonly status?: ObjectiveStatus;
    readonly share?: EndpointShare;
  }[];
}

export function sloView(
  slos: readonly Slo[],
  matches: readonly Match[],
  statuses: readonly ObjectiveStatus[],
  config: SloLensConfig,
): SloView {
  const bySlo = new Map(slos.map((slo) => [slo.id, slo]));
  const byId = new Map(statuses.map((status) => [status.id, status]));
  const byEndpoint = new Map<string, Match[]>();
  const keyOf = (endpoint: { readonly method: string; readonly route: string }) =>
    `${endpoint.method} ${endpoint.route}`;
  for (const match of matches) {
    const key = keyOf(match.endpoint);
    const list = byEndpoint.get(key);
    if (list === undefined) byEndpoint.set(key, [match]);
    else list.push(match);
  }
  return {
    config,
    of(endpoint) {
      const found = (byEndpoint.get(keyOf(endpoint)) ?? []).filter(
        (match) => endpoint.path === undefined || match.endpoint.path === endpoint.path,
      );
      return found
        .flatMap((match) => {
          const slo = bySlo.get(match.sloId);
          if (slo === undefined) return [];
          const whole = byId.get(match.sloId);
          const share = whole?.endpoints.find(
            (each) => each.method === endpoint.method && each.route === endpoint.route,
          );
          const own =
            whole !== undefined && match.by === "grouping" ? ofOne(whole, slo, share, config.thresholds) : undefined;
          const status = own ?? whole;
          return [
            { slo, match, ...(status === undefined ? {} : { status }), ...(share === undefined ? {} : { share }) },
          ];
        })
        .sort((a, b) => weightOf(b.status) - weightOf(a.status) || ranks[b.match.by] - ranks[a.match.by]);
    },
  };
}

/** An objective about the endpoint itself says more of it than its service's. */
const ranks: Readonly<Record<Match["by"], number>> = { explicit: 3, "route-label": 2, grouping: 1, service: 0 };

/** What a finding endangers. `base` is the rule's severity after settings; `endpoints` are those known to reach it. */
export function impactOf(
  finding: { readonly ruleId: string; readonly base: Severity; readonly endpoints: readonly CodeEndpoint[] },
  view: SloView,
): Impact {
  const endpoints = finding.endpoints
    .map((endpoint): EndpointImpact => {
      const entry = endpointConfigFor(view.config, endpoint);
      const [first] = view.of(endpoint);
      return {
        endpoint,
        criticality: entry?.criticality ?? "normal",
        ...(entry?.harm === undefined ? {} : { harm: entry.harm }),
        ...(first === undefined ? {} : { slo: first.slo, matchedBy: first.match.by }),
        ...(first?.status === undefined ? {} : { status: first.status }),
        ...(first?.share === undefined ? {} : { share: first.share }),
      };
    })
    .sort((a, b) => endpointWeight(b) - endpointWeight(a));
  const states = [...new Set(endpoints.flatMap((each) => each.status?.state ?? []))];
  const policies = states.flatMap((state) => policiesFor(view.config, state));
  const severity = raise(
    severityAt(finding.base, endpoints),
    policies.map((policy) => own(policy.rules, finding.ruleId) ?? own(policy.rules, "*")),
  );
  return {
    severity,
    endpoints,
    ...(policies.some((policy) => policy.agents === "ask") ? { agents: "ask" } : {}),
    messages: policies.flatMap((policy) => policy.message ?? []),
    weight: levels.indexOf(severity) * 100 + Math.max(0, ...endpoints.map(endpointWeight)),
  };
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const levels: readonly Severity[] = ["hint", "information", "warning", "error"];

/** The gravest that any endpoint makes of it; without endpoints it stays as it is. */
function severityAt(base: Severity, endpoints: readonly EndpointImpact[]): Severity {
  if (endpoints.length === 0) return base;
  const steps = Math.max(...endpoints.map((each) => stepsFor(each.status?.state, each.criticality)));
  const level = levels.indexOf(base) + steps;
  // Never above warning by state and criticality alone: what is an error is the rule's or the policy's to say.
  const highest = Math.max(levels.indexOf("warning"), levels.indexOf(base));
  return levels[Math.min(highest, Math.max(0, level))]!;
}

/**
 * Steps by which a state and a criticality move a severity. A budget that burns or is gone raises by one; one that is
 * getting low raises where the endpoint matters most. Where failures matter little a finding weighs one less, and two
 * while all is well: the COUNT on an admin page becomes a hint. States that are no verdict move nothing.
 */
export function stepsFor(state: State | undefined, criticality: Criticality): number {
  const isHot = state === "burning" || state === "exhausted";
  if (criticality === "low") return isHot ? 0 : state === "healthy" ? -2 : -1;
  if (isHot) return 1;
  return state === "watch" && criticality === "high" ? 1 : 0;
}

function raise(severity: Severity, wanted: readonly (Severity | undefined)[]): Severity {
  const highest = Math.max(
    levels.indexOf(severity),
    ...wanted.map((each) => (each === undefined ? 0 : levels.indexOf(each))),
  );
  return levels[highest]!;
}

/** Urgency of a status: its state first, then how little is left. 0..10. */
function weightOf(status: ObjectiveStatus | undefined): number {
  if (status === undefined) return 0;
  const rank = urgency.length - urgency.indexOf(status.state);
  const left = Math.min(1, Math.max(0, status.budgetRemaining ?? 1));
  return rank + (1 - left);
}

/** Urgency of an endpoint: its objective's, doubled or halved by how much it matters, then its share of the failures. 0..22. */
function endpointWeight(impact: EndpointImpact): number {
  const factor = impact.criticality === "high" ? 2 : impact.criticality === "low" ? 0.5 : 1;
  return weightOf(impact.status) * factor + (impact.share?.shareOfBad ?? 0) + (impact.criticality === "high" ? 1 : 0);
}

/** Orders findings by what they endanger, the gravest first; a stable sort for `Array.sort`. */
export function byImpact(a: Impact, b: Impact): number {
  return b.weight - a.weight;
}

// --- sentences -----------------------------------------------------------------------------------------------------

/** What a failure of an endpoint means, in the team's words, or in words of its method. */
export function harmText(
  endpoint: { readonly method: string; readonly route: string },
  harm: EndpointImpact["harm"],
  language: Language,
): string {
  if (harm !== undefined) return (language === "ja" ? (harm.ja ?? harm.en) : harm.en).replace(/\s+/g, " ").trim();
  const phrase = defaultHarm[endpoint.method] ?? defaultHarm["GET"]!;
  return phrase[language];
}

/** Said where the team has said nothing: what the method promises the person who sent it. */
const defaultHarm: Readonly<Record<string, Phrase>> = {
  GET: { en: "Someone does not see what they asked for", ja: "見ようとしたものが表示されない" },
  HEAD: { en: "Someone does not see what they asked for", ja: "見ようとしたものが表示されない" },
  POST: { en: "Something that someone sent is not accepted", ja: "送信した内容が受け付けられない" },
  PUT: { en: "A change that someone made is not saved", ja: "加えた変更が保存されない" },
  PATCH: { en: "A change that someone made is not saved", ja: "加えた変更が保存されない" },
  DELETE: { en: "Something that someone wanted gone is still there", ja: "消したはずのものが残っている" },
  ALL: { en: "A request of someone fails", ja: "リクエストが失敗する" },
};

/** Behind every failure there is a person: the harm, and how often it was done. Undefined where nothing failed or was counted. */
export function peopleSentence(
  input: {
    readonly endpoint: { readonly method: string; readonly route: string };
    readonly harm?: EndpointImpact["harm"];
    readonly bad?: number;
    readonly windowSeconds: number;
  },
  language: Language,
): string | undefined {
  if (input.bad === undefined || !Number.isFinite(input.bad) || Math.round(input.bad) <= 0) return undefined;
  const text = harmText(input.endpoint, input.harm, language).replace(/[.。]$/, "");
  const times = Math.round(input.bad);
  if (language === "ja") return `「${text}」が ${spanText(input.windowSeconds, "ja")}で ${countText(times)} 回。`;
  return `"${text}": ${times === 1 ? "once" : `${countText(times)} times`} in ${spanText(input.windowSeconds, "en")}.`;
}

/** A window in a sentence: "28 days", "1 hour", 28 日間. */
export function spanText(seconds: number, language: Language): string {
  const days = seconds / 86_400;
  const hours = seconds / 3600;
  if (Number.isInteger(days) && days > 0 && days <= 10_000)
    return language === "ja" ? `${days} 日間` : days === 1 ? "1 day" : `${days} days`;
  if (Number.isInteger(hours) && hours > 0 && hours <= 48)
    return language === "ja" ? `${hours} 時間` : hours === 1 ? "1 hour" : `${hours} hours`;
  return durationText(seconds, language);
}

/** The budget at stake, for a diagnostic: "POST /orders: exhausted …; 2 more endpoints". Undefined where no objective is known. */
export function stakesSentence(impact: Impact, language: Language): string | undefined {
  const first = impact.endpoints.find((each) => each.status !== undefined && each.slo !== undefined);
  if (first?.status === undefined || first.slo === undefined) return undefined;
  const { endpoint, status } = first;
  const name = `${endpoint.method} ${endpoint.route}`;
  const left = leftText(status, first.slo, language);
  if (left === undefined) return undefined;
  const others = impact.endpoints.length - 1;
  const more =
    others === 0
      ? ""
      : language === "ja"
        ? `（ほか ${others} 件のエンドポイント）`
        : ` (and ${others} more endpoint${others === 1 ? "" : "s"})`;
  return language === "ja" ? `${name}: ${left}${more}。` : `${name}: ${left}${more}.`;
}

/** `1 of 312 failed`; undefined where nothing was counted. */
export function failedText(status: Pick<ObjectiveStatus, "bad" | "total">, language: Language): string | undefined {
  if (status.bad === undefined || status.total === undefined) return undefined;
  const [bad, total] = [countText(status.bad), countText(status.total)];
  return language === "ja" ? `${total} 件中 ${bad} 件が失敗` : `${bad} of ${total} failed`;
}

/** Whether there was too little traffic for percentages to mean anything, when the numbers were new. */
export function isOfLowTraffic({ state, cause }: Pick<ObjectiveStatus, "state" | "cause">): boolean {
  return state === "low-traffic" || (state === "stale" && cause?.data["was"] === "low-traffic");
}

/** How much is left, in counts where there are any: "41 of 180 failures left". Undefined where no verdict was given. */
export function leftText(status: ObjectiveStatus, slo: Pick<Slo, "target">, language: Language): string | undefined {
  if (isOfLowTraffic(status)) return failedText(status, language);
  const counts = budgetCounts(status, slo);
  if (counts === undefined) {
    if (status.budgetRemaining === undefined) return undefined;
    if (status.budgetRemaining <= 0) return language === "ja" ? "エラーバジェットを使い切りました" : "budget spent";
    const percent = percentText(status.budgetRemaining, language);
    return language === "ja" ? `エラーバジェットの残り ${percent}` : `${percent} of the budget left`;
  }
  if (counts.left <= 0 && status.budgetRemaining !== undefined && status.budgetRemaining <= 0) {
    return language === "ja"
      ? `許容 ${countText(counts.allowed)} 件に対して失敗 ${countText(counts.bad)} 件`
      : `${countText(counts.bad)} failures, ${countText(counts.allowed)} allowed`;
  }
  return language === "ja"
    ? `許容失敗 ${countText(counts.allowed)} 件中、残り ${countText(counts.left)} 件`
    : `${countText(counts.left)} of ${countText(counts.allowed)} failures left`;
}

/** Whole failures allowed, done and left; only for a budget of requests with room for one failure at least. */
export function budgetCounts(
  status: ObjectiveStatus,
  slo: Pick<Slo, "target">,
): { readonly allowed: number; readonly bad: number; readonly left: number } | undefined {
  if (status.method !== "request-weighted" || status.total === undefined || status.bad === undefined) return undefined;
  const allowed = Math.floor((1 - slo.target) * status.total + 1e-6);
  if (allowed < 1) return undefined;
  const bad = Math.round(status.bad);
  return { allowed, bad, left: Math.max(0, allowed - bad) };
}
