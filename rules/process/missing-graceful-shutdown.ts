import { defineRule, type FileSummary, type Fix } from "../../engine/index.ts";

/** Packages that close servers on signals. */
const CLOSERS =
  /^(close-with-grace|fastify-graceful-shutdown|@godaddy\/terminus|http-terminator|http-graceful-shutdown|lightship|stoppable|http-shutdown|express-graceful-shutdown|@fastify\/.*shutdown|node-graceful-shutdown|graceful-shutdown|death|async-exit-hook|exit-hook|@moebius\/http-graceful-shutdown|nestjs-graceful-shutdown|fastify-cli)$/;

export default defineRule({
  id: "missing-graceful-shutdown",
  group: "process",
  title: { en: "Server that does not finish its requests", ja: "処理中のリクエストを残したまま終了するサーバー" },
  severity: "information",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["availability"],
  messages: {
    signals: {
      what: {
        en: "Nothing handles SIGTERM: on every deployment the process ends in the middle of its requests.",
        ja: "SIGTERM を処理する箇所がないため、デプロイのたびに処理中のリクエストが打ち切られます。",
      },
      help: {
        en: "On SIGTERM stop accepting, wait for what is running, close the pools, then exit.",
        ja: "SIGTERM を受けたら新規受付を止め、実行中の処理を待ち、接続プールを閉じてから終了してください。",
      },
    },
    nest: {
      what: {
        en: "The Nest application listens without `enableShutdownHooks()`: on every deployment the process ends in the middle of its requests.",
        ja: "Nest アプリケーションが `enableShutdownHooks()` なしで待ち受けているため、デプロイのたびに処理中のリクエストが打ち切られます。",
      },
      help: {
        en: "Call `app.enableShutdownHooks()` before `listen`, so that SIGTERM closes the server and the modules' connections.",
        ja: "`listen` の前に `app.enableShutdownHooks()` を呼び出すと、SIGTERM でサーバーと各モジュールの接続が閉じられます。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "other" || meaning.what !== "listen") continue;
      if (
        /(^|\/)(tests?|__tests__|e2e|fixtures?|mocks?|scripts?|examples?|benchmarks?|tools?|dev)(\/|$)|[.-](test|spec|dev|mock)\.[cm]?[jt]sx?$/i.test(
          file.path,
        )
      )
        continue;
      if (context.everywhere(handlesSignals).some((it) => context.depend(it, file.path))) return;
      // Where hooks close what is open, switching them on is all.
      yield { at: view.call.nameAt, message: meaning.data?.hooks ? "nest" : "signals", data: {}, fixes: FIXES };
      return;
    }
  },
});

/** By hand, by a package, or through Nest's hooks: the file that does. */
const handlesSignals = (file: FileSummary): string | undefined =>
  !/(^|\/)(tests?|__tests__|e2e|scripts?)(\/|$)/.test(file.path) && listensToSignals(file) ? file.path : undefined;

function listensToSignals(file: FileSummary): boolean {
  if (file.imports.some((it) => CLOSERS.test(it.specifier))) return true;
  return file.calls.some(({ callee, args }) => {
    if (callee.k !== "get") return false;
    if (callee.name === "enableShutdownHooks") return true;
    if (callee.name !== "on" && callee.name !== "once" && callee.name !== "addListener") return false;
    if (callee.of.k !== "global" && callee.of.k !== "ref") return false;
    const name = callee.of.k === "global" ? callee.of.name : file.bindings[callee.of.b]?.name;
    // A name in a loop over signals counts as well.
    return name === "process" && (args[0]?.k !== "lit" || /^SIG(TERM|INT|QUIT|HUP)$/.test(String(args[0].v)));
  });
}

const FIXES: readonly Fix[] = [
  {
    title: { en: "Application: close on SIGTERM", ja: "アプリケーション: SIGTERM で閉じる" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "`process.once('SIGTERM', () => server.close(() => process.exit(0)))`, with a limit after which the process ends anyway; close pools after the server.",
      ja: "`process.once('SIGTERM', () => server.close(() => process.exit(0)))` とし、一定時間後には強制終了します。プールはサーバーの後に閉じます。",
    },
  },
  {
    title: { en: "Infrastructure: time to drain", ja: "インフラ: 切り離しの猶予を設ける" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "A `preStop` delay gives the load balancer time to stop sending. It does not finish requests by itself.",
      ja: "`preStop` の遅延でロードバランサーの切り離しを待てますが、それだけではリクエストは完了しません。",
    },
  },
];
