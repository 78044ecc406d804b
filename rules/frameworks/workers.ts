/** Cloudflare Workers: what a module's default export answers besides requests. */
import { type Activity, defineFramework } from "../../engine/index.ts";
import { activity } from "./_activity.ts";
import { functionsOf } from "./_handlers.ts";
import { each, isTestFile } from "./_values.ts";

const KINDS: Readonly<Record<string, Activity["kind"]>> = {
  scheduled: "cron",
  queue: "consumer",
  email: "consumer",
  tail: "consumer",
};

export default defineFramework({
  name: "workers",
  *entries({ program }): Iterable<Activity> {
    for (const file of program.files.values()) {
      if (isTestFile(file)) continue;
      const main = file.exports.find((it) => it.name === "default" && "value" in it);
      if (!main || !("value" in main)) continue;
      for (const of of each(program.at({ value: main.value, file }))) {
        if (of.k !== "obj") continue;
        const { props } = of.value;
        const isWorker = props.some((it) => it.name === "fetch");
        for (const it of props) {
          const kind = KINDS[it.name ?? ""];
          const handlers = kind ? functionsOf(program, { value: it.value, file: of.file, env: of.env }) : [];
          if (!kind || !handlers.some((one) => isWorker || one.file.functions[one.f]!.params[1]?.name === "env"))
            continue;
          yield activity(kind, "workers", it.name!, of.file, it.at, handlers);
        }
      }
    }
  },
});
