/** Labels as libraries take them: an object of names and values. */
import type { MetricMeaning, Program, Scoped } from "../../engine/index.ts";

type Label = MetricMeaning["labels"][number];

/** The properties written in an object literal, here or where a name for it was made; spreads and computed names are left out. */
export function labelsOf(program: Program, of: Scoped | undefined): Label[] {
  if (!of) return [];
  const found = program.at(of);
  if (found.k !== "obj") return [];
  return found.value.props.flatMap((it) =>
    it.name === null || it.name === "" || it.computed
      ? []
      : [{ name: it.name, value: { value: it.value, file: found.file, env: found.env } }],
  );
}
