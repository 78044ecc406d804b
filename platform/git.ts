/** What git knows of a workspace, asked of its own program: bounded in time and size, and absent git is no error. */
import { execFile } from "node:child_process";

export type GitAnswer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

const TIMEOUT = 20_000;
const MAX_OUTPUT = 32 * 1024 * 1024;
const USUAL_BASES = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];

/**
 * Root-relative paths changed against the merge base with `base`, uncommitted and untracked ones included.
 * Without `base` the usual main branches are tried, then the last commit.
 */
export async function changedFiles(
  root: string,
  base?: string,
  signal?: AbortSignal,
): Promise<GitAnswer<ReadonlySet<string>>> {
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
  const changed = await git(root, ["diff", "--name-only", "-z", "--relative", "--diff-filter=d", from, "--"], signal);
  if (!changed.ok) return changed;
  const untracked = await git(root, ["ls-files", "--others", "--exclude-standard", "-z"], signal);
  return {
    ok: true,
    value: new Set(
      [...changed.value.split("\0"), ...(untracked.ok ? untracked.value.split("\0") : [])].filter((it) => it !== ""),
    ),
  };
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
