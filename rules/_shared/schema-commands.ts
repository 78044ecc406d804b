/** Commands that make a database fit the code, whatever that costs, and the ones that migrate it instead. */
import type { Span } from "../../engine/index.ts";
import type { ShellCommand } from "./shell.ts";

export interface SchemaCommand {
  /** As it reads, for messages. */
  readonly name: string;
  readonly client: string;
  /** From the program's name to the end. */
  readonly at: Span;
  /** What migrates instead, with the arguments that both take. */
  readonly instead?: string;
}

/** Arguments of Prisma's commands that `migrate deploy` takes too. */
const KEPT = new Set(["--schema", "--config"]);

/** Undefined for every command that loses no data by itself. */
export function schemaCommand(command: ShellCommand): SchemaCommand | undefined {
  const start = command.words.findIndex((it) =>
    /^(?:prisma|drizzle-kit|typeorm|typeorm-ts-node-\w+|sequelize|sequelize-cli)(?:@\S+)?$/.test(it.text),
  );
  // Behind something that only mentions it: `echo prisma migrate reset`.
  if (start < 0 || !command.words.slice(0, start).every((it) => RUNNERS.test(it.text))) return undefined;
  const words = command.words.slice(start);
  const text = words.map((it) => it.text);
  const at: Span = [words[0]!.at[0], command.at[1]];
  const has = (...flags: string[]): boolean => flags.some((it) => text.includes(it));
  const tool = text[0]!;
  if (/^prisma/.test(tool)) {
    const kept = text.flatMap((it, i) =>
      KEPT.has(it) ? [it, text[i + 1] ?? ""] : /^--(?:schema|config)=/.test(it) ? [it] : [],
    );
    const instead = [tool, "migrate", "deploy", ...kept].join(" ").trim();
    if (text[1] === "db" && text[2] === "push") {
      const flag = ["--accept-data-loss", "--force-reset"].find((it) => has(it));
      return flag ? { name: `prisma db push ${flag}`, client: "Prisma", at, instead } : undefined;
    }
    return text[1] === "migrate" && text[2] === "reset"
      ? { name: "prisma migrate reset", client: "Prisma", at, instead }
      : undefined;
  }
  if (/^drizzle-kit/.test(tool))
    return text[1] === "push" && has("--force")
      ? {
          name: "drizzle-kit push --force",
          client: "Drizzle",
          at,
          instead: [tool, "migrate", ...text.filter((it) => it.startsWith("--config"))].join(" "),
        }
      : undefined;
  if (/^typeorm/.test(tool)) {
    const verb = text.find((it) => it === "schema:sync" || it === "schema:drop");
    return verb ? { name: `typeorm ${verb}`, client: "TypeORM", at } : undefined;
  }
  return text[1] === "db:drop" ? { name: `${tool} db:drop`, client: "Sequelize", at } : undefined;
}

const RUNNERS =
  /^(?:npx|pnpx|bunx|exec|dlx|pnpm|yarn|npm|bun|x|run|dotenv|cross-env|env-cmd|-\S*|\.env\S*|[A-Z_][A-Z0-9_]*=\S*|(?:\.\/)?node_modules\/\.bin\/?)$/;
