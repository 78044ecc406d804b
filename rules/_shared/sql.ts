/** SQL in code: the text of a statement with its holes, and what it means as a query. */
import { type CallView, type QueryMeaning, type Scoped, type Value } from "../../engine/index.ts";

/** A statement's text; every `${}` is a parameter, whatever it is in truth. Undefined where most of it is computed. */
export function sqlText(call: CallView, at: Scoped): string | undefined {
  const { value } = at;
  const whole = call.text(at);
  if (whole !== undefined) return whole;
  const tpl = value.k === "tpl" ? value : value.k === "ref" ? templateOf(call, value) : undefined;
  return tpl ? tpl.strings.join("?") : undefined;
}

function templateOf(call: CallView, value: Value & { k: "ref" }): (Value & { k: "tpl" }) | undefined {
  const binding = call.file.bindings[value.b];
  return binding?.kind === "const" && binding.value?.k === "tpl" ? binding.value : undefined;
}

export function queryOfSql(call: CallView, at: Scoped, client: string, _dialect: "postgresql" | "mysql" | "sqlite"): QueryMeaning {
  return { kind: "query", client, engine: "sql", action: "raw", filter: { given: "unknown" }, capped: "unknown", sql: at.value };
}
