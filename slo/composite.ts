/**
 * Composite SLOs of OpenSLO: objectives with indicators of their own, whose budgets burn one budget together. A part that
 * burns its own budget at some rate burns the composite's at that rate times its weight (OpenSLO README, "Composite SLO"),
 * so spent = Σ weightᵢ · spentᵢ and burn(w) = Σ weightᵢ · burnᵢ(w). Of time slices this is the most that can be spent:
 * where two parts are bad in the same slice it counts once.
 */
import { burnWindows } from "./maths.ts";
import type { BurnRate, ObjectiveStatus, Slo, State } from "./model.ts";
import { defaultThresholds, isVerdict, judge, type Thresholds } from "./state.ts";
import { burnText, fill, type Language, type Phrase, percentText, stateWords } from "./words.ts";

export interface Composite {
  /** `service/name` of the document. */
  readonly id: string;
  readonly parts: readonly Slo[];
}

export interface CompositeStatus {
  readonly id: string;
  readonly parts: readonly { readonly id: string; readonly weight: number; readonly state: State }[];
  readonly state: Extract<State, "healthy" | "watch" | "burning" | "exhausted" | "no-data">;
  /** Share of the budget left, as of `ObjectiveStatus`; at least this where `isAtLeast`. */
  readonly budgetRemaining?: number;
  readonly isAtLeast?: boolean;
  readonly burnRates: readonly BurnRate[];
  /** Ids of the parts that nothing is known of, without which there is no verdict. */
  readonly unknown: readonly string[];
}

/** The composites among objectives, in their order. */
export function compositesOf(slos: readonly Slo[]): readonly Composite[] {
  const found = new Map<string, Slo[]>();
  for (const slo of slos) {
    if (slo.part === undefined) continue;
    const key = `${slo.path}\n${slo.range.start}`;
    found.set(key, [...(found.get(key) ?? []), slo]);
  }
  return [...found.values()].map((parts) => ({ id: parts[0]!.id.replace(/#\d+/, ""), parts }));
}

/** The budget of a composite from those of its parts; parts that have no status are unknown. */
export function compositeStatus(
  { id, parts }: Composite,
  statuses: ReadonlyMap<string, ObjectiveStatus>,
  thresholds: Thresholds = defaultThresholds,
): CompositeStatus {
  const known = parts.map((slo) => ({ slo, weight: slo.part?.weight ?? 1, status: statuses.get(slo.id) }));
  const isKnown = (status: ObjectiveStatus | undefined): status is ObjectiveStatus =>
    status?.budgetRemaining !== undefined && isVerdict(status.state);
  const unknown = known.filter(({ status }) => !isKnown(status)).map(({ slo }) => slo.id);
  const spent = known.reduce(
    (sum, { status, weight }) => sum + (isKnown(status) ? weight * (1 - status.budgetRemaining!) : 0),
    0,
  );
  const { seconds } = parts[0]!.window;
  const burnRates = burnWindows(seconds).map((windowSeconds): BurnRate => {
    const rates = known.map(({ status, weight }) => {
      const rate = status?.burnRates.find((it) => it.windowSeconds === windowSeconds)?.rate;
      return rate === undefined ? undefined : rate * weight;
    });
    return rates.every((it) => it !== undefined)
      ? { windowSeconds, rate: rates.reduce((sum, it) => sum + it, 0) }
      : { windowSeconds };
  });
  const base = {
    id,
    parts: known.map(({ slo, weight, status }) => ({ id: slo.id, weight, state: status?.state ?? "no-data" })),
    burnRates,
    unknown,
  };
  // What is spent already is spent, whatever the others say.
  if (unknown.length > 0 && spent < 1) return { ...base, state: "no-data" };
  // The thresholds are of burn rates and of what is left: at a target of a half both come out as they went in.
  const target = 0.5;
  const verdict = judge(
    {
      target,
      windowSeconds: seconds,
      remaining: 1 - spent,
      sli: 1 - spent * (1 - target),
      measures: burnRates.flatMap(({ windowSeconds, rate }) =>
        rate === undefined ? [] : [{ windowSeconds, errorRatio: rate * (1 - target) }],
      ),
    },
    thresholds,
  );
  const isAtLeast = parts.some((it) => it.method === "timeslices");
  return {
    ...base,
    state: verdict.state as CompositeStatus["state"],
    budgetRemaining: 1 - spent,
    ...(isAtLeast ? { isAtLeast } : {}),
  };
}

const phrases = {
  parts: {
    en: "A composite of {count} parts: {parts}.",
    ja: "{count} 個の部分からなる複合 SLO です（{parts}）。",
  },
  left: { en: "{left} of its budget left", ja: "エラーバジェットの残り {left}" },
  atLeast: { en: "at least {left} of its budget left", ja: "エラーバジェットの残りは {left} 以上" },
  unknown: { en: "no verdict without numbers of {parts}", ja: "{parts} の数値がないため判定できません" },
  burn: { en: "burning {burn}", ja: "バーンレート {burn}" },
  weight: { en: "{name} (weight {weight})", ja: "{name}（重み {weight}）" },
} as const satisfies Readonly<Record<string, Phrase>>;

/** A composite in sentences of plain text: its parts, and where it stands, if anything was measured. */
export function compositeText(
  composite: Composite,
  status: CompositeStatus | undefined,
  language: Language,
): readonly string[] {
  const names = composite.parts.map((slo, index) => {
    const name = slo.displayName ?? `#${index + 1}`;
    const weight = slo.part?.weight ?? 1;
    return weight === 1 ? name : fill(phrases.weight[language], { name, weight: String(weight) }, language);
  });
  const separator = language === "ja" ? "、" : ", ";
  const said = fill(
    phrases.parts[language],
    { count: String(composite.parts.length), parts: names.slice(0, 8).join(separator) },
    language,
  );
  if (status === undefined) return [said];
  const state = stateWords[status.state][language];
  if (status.budgetRemaining === undefined) {
    const parts = status.unknown.slice(0, 3).join(separator);
    return [said, `${state} · ${fill(phrases.unknown[language], { parts }, language)}`];
  }
  const left = { left: percentText(status.budgetRemaining, language) };
  const burn = status.burnRates.find((it) => it.rate !== undefined && it.rate > 0)?.rate;
  const facts = [
    state,
    fill(phrases[status.isAtLeast ? "atLeast" : "left"][language], left, language),
    ...(burn === undefined ? [] : [fill(phrases.burn[language], { burn: burnText(burn, language) }, language)]),
  ];
  return [said, facts.join(" · ")];
}
