/** The command line's grammar: commands, options, and how each is run. */
import { Command, CommanderError, Option } from "commander";
import { type CheckOptions, check, checkFormats } from "./check.ts";
import { endpoints } from "./endpoints.ts";
import { type ExplainOptions, explain } from "./explain.ts";
import { CannotRun, type ExitCode, type Host, languageOf, NeedsMemory } from "./host.ts";
import { type InitOptions, init } from "./init.ts";
import { lsp } from "./lsp.ts";
import { rules } from "./rules.ts";
import { type SlosOptions, slos } from "./slos.ts";
import { type StatusOptions, status } from "./status.ts";
import { trace } from "./trace.ts";
import { version } from "./version.ts";

/**
 * Runs one command. Whatever goes wrong is said on standard error and gives 2; only a host with a `heapLimit` may see a
 * `NeedsMemory` thrown, before anything was printed.
 *
 * @param args what follows the program's name
 */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = new Command("slo-lens")
    .description("Finds what will hurt users in production, and which endpoints and objectives it reaches.")
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: host.out, writeErr: host.err })
    .showHelpAfterError("(slo-lens --help tells more)");

  const command = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .exitOverride()
      .configureOutput({ writeOut: host.out, writeErr: host.err });
  const withFormat = (it: Command, formats: readonly string[] = ["text", "json"]): Command =>
    it
      .addOption(new Option("--format <format>", "how to print").choices(formats).default("text"))
      .option("--lang <language>", "en or ja; otherwise from the environment");
  const withWorkspace = (it: Command): Command =>
    it
      .option("--root <folder>", "the workspace, where it is more than the working directory")
      .option("--no-cache", "read every file anew");

  withWorkspace(withFormat(command("check", "report what is risky"), checkFormats))
    .argument("[paths...]", "files and folders to report on", ["."])
    .addOption(
      new Option("--fail-on <severity>", "least severity that gives exit code 1")
        .choices(["error", "warning", "information", "hint", "none"])
        .default("warning"),
    )
    .option("--changed [base]", "only files changed since the merge base with a branch")
    .option("--baseline <file>", "leave out findings that this file lists")
    .option("--write-baseline", "write what is found into the baseline", false)
    .option("--fix", "apply the fixes that keep the meaning", false)
    .option("--snapshot <file>", "judge by the states in a snapshot of `status --write`")
    .option(
      "--tests",
      "read tests and code for browsers too; otherwise only what other code imports, or the paths name",
      false,
    )
    .option("--all", "show hints too", false)
    .action(async (paths: string[], it: Record<string, unknown>) => {
      code = await check(host, paths, {
        ...(it as unknown as CheckOptions),
        language: languageOf(host, it["lang"] as string | undefined),
      });
    });

  withWorkspace(withFormat(command("endpoints", "list the endpoints that the code serves")))
    .argument("[paths...]", "files and folders to report on", ["."])
    .action(async (paths: string[], it: { format: "text" | "json"; cache: boolean; root?: string }) => {
      code = await endpoints(host, paths, it);
    });

  withWorkspace(withFormat(command("trace", "tell what reaches a line, and on which way")))
    .argument("[paths...]", "the workspace", ["."])
    .requiredOption("--at <file:line>", "the line")
    .action(
      async (
        paths: string[],
        it: { format: "text" | "json"; lang?: string; cache: boolean; root?: string; at: string },
      ) => {
        code = await trace(host, paths, { ...it, language: languageOf(host, it.lang) });
      },
    );

  const withSource = (it: Command): Command =>
    it
      .option("--prometheus <url>", "ask a server with the HTTP API of Prometheus")
      .option("--scrape <url>", "read the metrics page of a service")
      .option("--snapshot <file>", "read a snapshot")
      .option("--header <header...>", 'sent to the address of --prometheus: "X-Scope-OrgID: team"')
      .addHelpText(
        "after",
        "\nA token (or user:password) in SLO_LENS_TOKEN is sent to the address given on the command line, and nowhere else.",
      );

  withSource(withWorkspace(withFormat(command("slos", "list the objectives, and what is wrong in their files"))))
    .argument("[paths...]", "files and folders to report on", ["."])
    .addOption(
      new Option("--fail-on <severity>", "least severity of a problem that gives exit code 1")
        .choices(["error", "warning", "information", "hint", "none"])
        .default("none"),
    )
    .action(async (paths: string[], it: Omit<SlosOptions, "language"> & { lang?: string }) => {
      code = await slos(host, paths, { ...it, language: languageOf(host, it.lang) });
    });

  withSource(
    withWorkspace(
      withFormat(command("status", "tell how much of each error budget is left"), ["text", "json", "markdown"]),
    ),
  )
    .argument("[paths...]", "files and folders to report on", ["."])
    .option("--write <file>", "write a snapshot of the answer")
    .addOption(
      new Option("--fail-on <state>", "state that gives exit code 1")
        .choices(["watch", "burning", "exhausted", "none"])
        .default("none"),
    )
    .action(async (paths: string[], it: Record<string, unknown>) => {
      code = await status(host, paths, {
        ...(it as unknown as StatusOptions),
        language: languageOf(host, it["lang"] as string | undefined),
      });
    });

  withSource(
    withWorkspace(withFormat(command("explain", "tell about a rule, or what is believed of a line or an endpoint"))),
  )
    .argument("[rule]", "the rule")
    .option("--at <file:line>", "the line")
    .option("--endpoint <endpoint>", 'the endpoint, such as "GET /orders/:id", and which objectives fit it')
    .action(async (rule: string | undefined, it: Omit<ExplainOptions, "language"> & { lang?: string }) => {
      code = await explain(host, rule, { ...it, language: languageOf(host, it.lang) });
    });

  withFormat(command("rules", "list what is looked for")).action((it: { format: "text" | "json"; lang?: string }) => {
    code = rules(host, { format: it.format, language: languageOf(host, it.lang) });
  });

  command("init", "write a slo-lens.yaml to begin with, or the SLO of an endpoint")
    .option("--endpoint <endpoint>", 'write an SLO for it: "GET /recipes/:id"')
    .addOption(new Option("--slo-format <format>", "of that file").choices(["openslo", "sloth", "pyrra"]))
    .option("--prometheus <url>", "propose the target from what this server has counted")
    .option("--scrape <url>", "or from a metrics page")
    .option("--header <header...>", 'sent to that server, "Name: value"')
    .option("--root <folder>", "where, if not the working directory")
    .option("--lang <language>", "en or ja; otherwise from the environment")
    .action(async (it: Omit<InitOptions, "language"> & { lang?: string }) => {
      code = await init(host, { ...it, language: languageOf(host, it.lang) });
    });

  command("lsp", "run the language server")
    .option("--stdio", "over standard input and output", true)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      code = await lsp(host);
    });

  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof NeedsMemory) throw error;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof CannotRun) host.err(`slo-lens: ${error.message}\n`);
    else if (host.signal.aborted) host.err("slo-lens: given up.\n");
    else
      host.err(
        `slo-lens: an unexpected failure, please report it.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
    return 2;
  }
}
