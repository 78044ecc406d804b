/** Cut and mangled texts through everything that reads one text: summaries, tables, SQL, schemas. */
import {
  type FileSummary,
  readPrismaSchema,
  readSql,
  sqlText,
  summarizeText,
  tablesFromSql,
  tablesFromSummary,
} from "../../engine/index.ts";
import { nodeParser } from "../../platform/index.ts";
import { contradiction } from "./contradiction.ts";
import type { Watch } from "./watch.ts";

/** Reads one text in every way; what goes wrong or is slow is told to `watch` under `name`. */
export function readText(file: string, text: string, name: string, watch: Watch): void {
  if (file.endsWith(".sql")) {
    watch.timed(name, () => void tablesFromSql(file, text));
    return;
  }
  if (file.endsWith(".prisma")) {
    watch.timed(name, () => void readPrismaSchema(file, text));
    return;
  }
  for (const recover of [false, true]) {
    let summary: FileSummary | undefined;
    watch.timed(`${name}${recover ? " (recovered)" : ""}`, () => {
      summary = summarizeText(nodeParser(), file, text, { recover });
    });
    if (!summary) continue;
    if (summary.failure?.message.startsWith("The file could not be summarised"))
      watch.wrong(`${name}: ${summary.failure.message}`);
    const odd = contradiction(summary, text);
    if (odd !== undefined) watch.wrong(`${name}: ${odd}`);
    const read = summary;
    watch.timed(`${name} (tables and SQL)`, () => {
      tablesFromSummary(read);
      for (const call of read.calls)
        for (const arg of call.args)
          if (arg.k === "tpl" || arg.k === "lit") {
            const sql = sqlText(arg);
            if (sql) readSql(sql.text, "postgresql", sql.holes);
          }
    });
  }
}
