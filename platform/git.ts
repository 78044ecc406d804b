/** What git knows of a workspace, asked of its own program: bounded in time and size, and absent git is no error. */
import { execFile } from "node:child_process";

export type GitAnswer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

const TIMEOUT = 20_000;
const MAX_OUTPUT = 32 * 1024 * 1024;
const USUAL_BASES = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];

/** Lines, from 1, the last included. */
export type LineRange = readonly [first: number, last: number];

/** Root-relative paths of changed files with the lines that are new in them; none where only something was taken out. */
export type ChangedFiles = ReadonlyMap<string, readonly LineRange[]>;

/** Files whose lines are asked about: what a rule may say of changed lines only. */
const BY_LINE = ["*.sql", "*.prisma", "*.ts", "*.js", "*.mts", "*.mjs", "*.cts", "*.cjs"];
const WHOLE: readonly LineRange[] = [[1, Number.MAX_SAFE_INTEGER]];

/** Whether any of the lines is among those changed. */
export function isLineChanged(changed: ChangedFiles, file: string, line: number): boolean {
  return changed.get(file)?.some(([first, last]) => first <= line && line <= last) ?? false;
}

/**
 * What has changed against the merge base with `base`, uncommitted and untracked files included.
 * Without `base` the usual main branches are tried, then the last commit.
 */
export async function changedFiles(
  root: string,
  base?: string,
  signal?: AbortSignal,
): Promise<GitAnswer<ChangedFiles>> {
  if (base?.startsWith("-")) return { ok: false, message: `"${base}" is not a name of a commit.` };
  const inside = await git(root, ["rev-parse", "--show-prefix"], signal);
  if (!inside.ok) return inside;
  let from = "HEAD";
  if (base !== undefined) {
    const merge = await git(root, ["merge-base", base, "HEAD"], signal);
    if (!merge.ok)
      return {
        ok: false,
        message: `git knows no common ancestor of "${base}" and HEAD. Fetch it first (in CI: fetch-depth: 0), or name another base.`,
      };
    from = merge.value.trim();
  } else {
    for (const it of USUAL_BASES) {
      const merge = await git(root, ["merge-base", it, "HEAD"], signal);
      if (merge.ok) {
        from = merge.value.trim();
        break;
      }
    }
  }
  const [names, lines, untracked] = await Promise.all([
    git(root, ["diff", "--name-only", "-z", "--relative", "--diff-filter=d", from, "--"], signal),
    git(
      root,
      [
        "diff",
        "-U0",
        "--inter-hunk-context=0",
        "--no-color",
        "--relative",
        "--diff-filter=d",
        "--dst-prefix=b/",
        from,
        "--",
        ...BY_LINE,
      ],
      signal,
    ),
    git(root, ["ls-files", "--others", "--exclude-standard", "-z"], signal),
  ]);
  if (!names.ok) return names;
  const byLine = lines.ok ? linesOf(lines.value) : new Map<string, readonly LineRange[]>();
  const split = (text: string): readonly string[] => text.split("\0").filter((it) => it !== "");
  return {
    ok: true,
    value: new Map([
      ...split(names.value).map((it) => [it, byLine.get(it) ?? []] as const),
      ...(untracked.ok ? split(untracked.value) : []).map((it) => [it, WHOLE] as const),
    ]),
  };
}

/** The new side of a diff without context. Names with quotes, tabs or line breaks are passed over. */
function linesOf(diff: string): Map<string, LineRange[]> {
  const found = new Map<string, LineRange[]>();
  let ranges: LineRange[] | undefined;
  let left = 0;
  for (const line of diff.split("\n")) {
    if (left > 0 && /^[-+]/.test(line)) {
      left--;
      continue;
    }
    if (line.startsWith("+++ b/")) {
      ranges = [];
      found.set(line.slice("+++ b/".length).replace(/\t$/, ""), ranges);
    }
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (!hunk) continue;
    const first = Number(hunk[2]);
    const count = Number(hunk[3] ?? 1);
    left = Number(hunk[1] ?? 1) + count;
    if (count > 0) ranges?.push([first, first + count - 1]);
  }
  return found;
}

function git(root: string, args: readonly string[], signal: AbortSignal | undefined): Promise<GitAnswer<string>> {
  return new Promise((resolve) => {
    // No optional locks, no pager, no hooks or external diff programs of the repository.
    const safe = [
      "--no-optional-locks",
      "--no-pager",
      "-c",
      "core.fsmonitor=false",
      "-c",
      "core.quotepath=off",
      ...args.slice(0, 1),
      ...(args[0] === "diff" ? ["--no-ext-diff", "--no-textconv"] : []),
      ...args.slice(1),
    ];
    execFile(
      "git",
      safe,
      {
        cwd: root,
        timeout: TIMEOUT,
        maxBuffer: MAX_OUTPUT,
        encoding: "utf8",
        windowsHide: true,
        ...(signal ? { signal } : {}),
      },
      (error, stdout, stderr) => {
        if (!error) return resolve({ ok: true, value: stdout });
        const code = (error as NodeJS.ErrnoException).code;
        resolve({
          ok: false,
          message: code === "ENOENT" ? "git is not installed." : stderr.trim().split("\n")[0] || error.message,
        });
      },
    );
  });
}
