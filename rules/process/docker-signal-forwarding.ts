import {
  type DocumentFile,
  defineRule,
  type Edit,
  type Fix,
  type Report,
  type RuleContext,
} from "../../engine/index.ts";
import { type Image, INIT, type Instruction, imageOf, type Started, startedBy } from "../_shared/dockerfile.ts";
import { packageAbove, scriptRun, scriptsOf } from "../_shared/package-scripts.ts";
import { type ShellCommand, shellCommands, withoutAssignments } from "../_shared/shell.ts";

export default defineRule({
  id: "docker-signal-forwarding",
  group: "process",
  title: { en: "The program may not hear that it shall stop", ja: "停止シグナルがプログラムに届かない可能性" },
  severity: "warning",
  status: "preview",
  since: "0.2.0",
  scope: "anywhere",
  documents: ["dockerfile"],
  burns: ["availability", "correctness"],
  messages: {
    manager: {
      what: {
        en: "{manager} stands between SIGTERM and the program: it may not get there, and requests in flight are cut off at every deployment.",
        ja: "SIGTERM を受け取るのは {manager} です。プログラムには届かず、デプロイのたびに処理中のリクエストが切断される可能性があります。",
      },
      help: {
        en: "npm 7 and later pass SIGTERM on, but to the shell that runs the script, which keeps it to itself (dash) or ends. Start the program itself.",
        ja: "npm 7 以降は SIGTERM を渡しますが、渡す先はスクリプトを実行するシェルで、シェルは自分で受け取るだけか (dash)、そのまま終了します。プログラムを直接起動してください。",
      },
    },
    shell: {
      what: {
        en: "A shell gets SIGTERM here and does not pass it on: the program is killed with requests in flight.",
        ja: "この形式では SIGTERM を受け取るのはシェルで、子プロセスには渡されません。プログラムは処理中のリクエストごと強制終了されます。",
      },
      help: {
        en: "Write the command as a JSON array, or put `exec` before it.",
        ja: "コマンドを JSON 配列で書くか、前に `exec` を付けてください。",
      },
    },
    script: {
      what: {
        en: "`{image}` starts this script, whose shell gets SIGTERM and does not pass it on: the program is killed with requests in flight.",
        ja: "`{image}` はこのスクリプトを起動します。SIGTERM を受け取るのはシェルで、プログラムには渡されず、処理中のリクエストごと強制終了されます。",
      },
      help: {
        en: "`exec` makes the program take the shell's place.",
        ja: "`exec` を付けると、プログラムがシェルと置き換わります。",
      },
    },
  },
  *checkDocument(document, context) {
    const image = imageOf(document);
    if (!image) return;
    for (const instruction of [image.entrypoint, image.cmd]) {
      if (!instruction) continue;
      // With an entrypoint in exec form, CMD is its arguments.
      if (instruction === image.cmd && image.entrypoint && !hasPassThrough(image.entrypoint, document, image, context))
        continue;
      const started = startedBy(instruction, document, image, context.documents);
      const report = started && judge(started, document, image, context);
      if (report) yield report;
    }
  },
});

/** Whether the entrypoint runs what CMD says in its own place: an init, or a script that ends in `exec "$@"`. */
function hasPassThrough(entrypoint: Instruction, document: DocumentFile, image: Image, context: RuleContext): boolean {
  if (entrypoint.exec?.every((it, i) => (i === 0 ? INIT.test(it.text) : it.text.startsWith("-")))) return true;
  const started = startedBy(entrypoint, document, image, context.documents);
  return (
    started?.by === "script" &&
    started.commands.some((it) => it.words[0]?.text === "exec" && it.words[1]?.text === "$@")
  );
}

function judge(started: Started, document: DocumentFile, image: Image, context: RuleContext): Report | undefined {
  // dumb-init and `tini -g` signal the whole group.
  const entry = (image.entrypoint ?? image.cmd)?.exec ?? [];
  if (
    entry[0] &&
    INIT.test(entry[0].text) &&
    (/dumb-init$/.test(entry[0].text) || entry.some((it) => /^-\w*g/.test(it.text)))
  )
    return undefined;
  const last = started.commands.at(-1);
  if (!last || last.isNested || (last.before !== "" && last.before !== "&&" && last.before !== ";")) return undefined;
  // Somebody has thought of it.
  if (started.commands.some((it) => /^(?:trap|wait)$/.test(it.words[0]?.text ?? "") || it.after === "&"))
    return undefined;
  if (
    started.commands
      .slice(0, -1)
      .some(
        (it) => withoutAssignments(it.words)[0]?.text === "exec" && !/^(?:\d*[<>]|&>)/.test(it.words[1]?.text ?? ""),
      )
  )
    return undefined;
  const first = withoutAssignments(last.words);
  const isExec = first[0]?.text === "exec";
  const words = isExec ? first.slice(1) : first;
  const program = words.map((it) => it.text);
  // A command that ends by itself has no requests to lose.
  if (
    /(?:^|[/.-])(?:cli|migrate|migrations?|seed)(?:\.[cm]?[jt]s)?$/.test(
      program.find((it, i) => i > 0 && !it.startsWith("-")) ?? "",
    )
  )
    return undefined;
  const isFirst = started.by === "exec" || isExec;
  const run = scriptRun(program);
  if (run && /(?:^|[:_-])(?:dev|watch|test|preview|serve|storybook|docs)(?:$|[:_-])/.test(run.script)) return undefined;
  const direct = run ? directCommand(run.isBare ? run.script : undefined, document, context) : undefined;
  if (run && direct === "static") return undefined;
  const place = started.isPlaced ? last.at : started.instruction.at;
  const at = started.isPlaced ? (words[0]?.at ?? place) : place;
  if (isFirst)
    return run
      ? {
          at,
          path: started.document.path,
          message: "manager",
          data: { manager: run.manager },
          fixes: [directFix(direct, started, last), INIT_FIX],
        }
      : undefined;
  if (!run && !PROGRAM.test(program[0] ?? "")) return undefined;
  if (started.by === "inline" && !keepsShell(started.shell, image.base)) return undefined;
  if (started.by === "script" && !/^(?:#!\s*\S*\/(?:env\s+)?(?:ba|da|a)?sh\b|(?!#!))/.test(started.document.text))
    return undefined;
  return {
    at,
    path: started.document.path,
    message: started.by === "script" ? "script" : "shell",
    data: { image: document.path },
    covers: started.by === "script" ? [{ path: document.path, at: started.instruction.at }] : [],
    fixes: [run ? directFix(direct, started, last) : execFix(started, last, words[0]!.at[0]), INIT_FIX],
  };
}

/** What serves requests or works through jobs, and what a script hands over to. */
const PROGRAM =
  /^(?:(?:.*\/)?(?:node|bun|deno|tsx|ts-node|next|nest|nuxt|remix-serve|react-router-serve|pm2-runtime)|\$@)$/;

/**
 * dash, which is `sh` of Debian and Ubuntu, stays (measured: 0.5.12), bash gives its place to the last command of `-c`
 * (measured: 5.2). What BusyBox of Alpine does depends on the command, so nothing is said of it.
 */
function keepsShell(shell: string | undefined, base: string | undefined): boolean {
  if (shell !== "sh" && shell !== "dash") return false;
  return (
    base !== undefined &&
    !/alpine/i.test(base) &&
    (/(?:^|\/)(?:node|debian|ubuntu|oven\/bun)(?:[:@]|$)/.test(base) ||
      /\b(?:slim|trixie|bookworm|bullseye|buster|noble|jammy|focal)\b/.test(base))
  );
}

/** The words of a script that is one plain call of Node; `static` for what serves files only. */
function directCommand(
  script: string | undefined,
  document: DocumentFile,
  { documents }: RuleContext,
): { readonly words: readonly string[]; readonly isHere: boolean } | "static" | undefined {
  const manifest = packageAbove(document.path, documents);
  if (!manifest || script === undefined) return undefined;
  const scripts = scriptsOf(manifest);
  const text = scripts.get(script)?.text;
  if (text === undefined) return undefined;
  if (/^(?:npx\s+)?(?:serve|http-server|vite|ng|react-scripts|live-server|docusaurus|vitepress)\b/.test(text))
    return "static";
  if (scripts.has(`pre${script}`) || scripts.has(`post${script}`) || /[$`*?~<>|&;(){}\\]/.test(text)) return undefined;
  const commands = shellCommands(text);
  const words = commands?.length === 1 ? commands[0]!.words.map((it) => it.text) : [];
  if (words[0] !== "node") return undefined;
  const folder = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
  return { words, isHere: folder(manifest.path) === folder(document.path) };
}

function directFix(direct: ReturnType<typeof directCommand>, started: Started, last: ShellCommand): Fix {
  const edits: Edit[] = [];
  if (typeof direct === "object" && started.isPlaced) {
    const { document } = started;
    const words = JSON.stringify(direct.words).replace(/","/g, '", "');
    if (started.by === "exec" && started.instruction.exec!.length === last.words.length) {
      const [from, to] = started.instruction.body;
      edits.push({
        path: document.path,
        at: [from, from + document.text.slice(from, to).trimEnd().length],
        text: ` ${words}`,
      });
    } else if (started.by === "script" && direct.words.every((it) => /^[\w./:=@-]+$/.test(it)))
      edits.push({ path: document.path, at: last.at, text: `exec ${direct.words.join(" ")}` });
  }
  return {
    title: { en: "Application: start the program itself", ja: "アプリケーション: プログラムを直接起動する" },
    layer: "application",
    // In another folder the script's paths may mean other files.
    safety: typeof direct === "object" && direct.isHere && started.by === "exec" ? "safe" : "choose",
    edits,
    explain: {
      en: '`CMD ["node", "dist/server.js"]`: what npm sets besides, such as npm_package_version, is then not there.',
      ja: '`CMD ["node", "dist/server.js"]` とします。npm_package_version など npm が設定する環境変数は使えなくなります。',
    },
  };
}

/** `exec` before a command, or the JSON form of a shell form that is one plain command. */
function execFix(started: Started, last: ShellCommand, at: number): Fix {
  const { document, instruction } = started;
  const [from, to] = instruction.body;
  const body = document.text.slice(from, to).trimEnd();
  const words = last.words.map((it) => it.text);
  const isPlain =
    started.by === "inline" &&
    !instruction.exec &&
    started.commands.length === 1 &&
    last.words[0]!.at[0] === at &&
    !/[$`*?~<>|&;(){}\\]/.test(body);
  return {
    title: isPlain
      ? { en: "Application: start it without a shell", ja: "アプリケーション: シェルを介さずに起動する" }
      : { en: "Application: let it take the shell's place", ja: "アプリケーション: exec でシェルと置き換える" },
    layer: "application",
    safety: "safe",
    edits: !started.isPlaced
      ? []
      : isPlain
        ? [
            {
              path: document.path,
              at: [from, from + body.length],
              text: ` ${JSON.stringify(words).replace(/","/g, '", "')}`,
            },
          ]
        : [{ path: document.path, at: [at, at], text: "exec " }],
  };
}

const INIT_FIX: Fix = {
  title: { en: "Infrastructure: an init that signals all", ja: "インフラ: 全プロセスに伝える init を使う" },
  layer: "infrastructure",
  safety: "choose",
  edits: [],
  explain: {
    en: '`ENTRYPOINT ["dumb-init", "--"]` or `tini -g` pass signals to every process of the container.',
    ja: '`ENTRYPOINT ["dumb-init", "--"]` や `tini -g` は、コンテナ内のすべてのプロセスにシグナルを渡します。',
  },
};
