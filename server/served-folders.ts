/** The folders that are served: those of the workspace, and one for each project that a file is opened of without one. */
import type { Knowledge } from "../engine/index.ts";
import type { Settings } from "../protocol/index.ts";
import type { Fetch } from "../slo/index.ts";
import { createFolder, type Folder, type Revision } from "./folder.ts";
import { inside, pathOf, projectOf } from "./locations.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";
import type { Scheduler } from "./turns.ts";

export interface Served {
  readonly folder: Folder;
  readonly telemetry: Telemetry;
  readonly isWorkspace: boolean;
}

export interface ServedFoldersOptions {
  readonly knowledge: Knowledge;
  readonly scheduler: Scheduler;
  readonly fetch: Fetch;
  readonly cacheDir: string | false | undefined;
  readonly settings: () => Settings;
  readonly isTrusted: () => boolean;
  readonly releaseMemory: (() => void) | undefined;
  readonly onProgress: (folder: Folder, done: number, total: number) => void;
  readonly onRevision: (served: Served, what: Revision) => void;
  /** Telemetry's numbers or their age changed. */
  readonly onNumbers: () => void;
  readonly onFailure: (message: string) => void;
}

export interface ServedFolders {
  readonly workspaces: () => readonly Served[];
  /** The folder that answers for a file: the innermost of the workspace that holds it, else its project's. */
  readonly holding: (absolute: string) => Served;
  readonly of: (folder: Folder) => Served;
  readonly add: (uri: string) => void;
  /** Forgets a folder of the workspace. @param handOver gives its open documents to whoever answers for them now */
  readonly remove: (uri: string, handOver: () => void) => void;
  /** Forgets a project whose last file was closed. */
  readonly dropLoose: (folder: Folder) => void;
  readonly isStarted: boolean;
  /** Begins to read the folders of the workspace, and each that is added from now on. */
  readonly start: () => void;
  readonly dispose: () => void;
}

export function createServedFolders(options: ServedFoldersOptions): ServedFolders {
  const { knowledge, scheduler, fetch, settings, isTrusted } = options;
  const workspaces = new Map<string, Served>();
  const loose = new Map<string, Served>();
  let isStarted = false;

  const serve = (root: string, isWorkspace: boolean): Served => {
    const folder = createFolder({
      root,
      isWorkspace,
      knowledge,
      scheduler,
      stage: () => settings().stage,
      isTrusted,
      cacheDir: options.cacheDir,
      onProgress: (done, total) => options.onProgress(folder, done, total),
      onRevision: (what) => options.onRevision(served, what),
      onIdle: options.releaseMemory,
      onFailure: options.onFailure,
    });
    const telemetry = createTelemetry({ folder, settings, isTrusted, fetch, scheduler, onChange: options.onNumbers });
    const served: Served = { folder, telemetry, isWorkspace };
    return served;
  };

  const stop = ({ folder, telemetry }: Served): void => {
    telemetry.stop();
    folder.dispose();
  };

  return {
    workspaces: () => [...workspaces.values()],
    holding: (absolute) => {
      const holding = [...workspaces.values()]
        .filter((it) => inside(it.folder.root, absolute) !== undefined)
        .sort((a, b) => b.folder.root.length - a.folder.root.length)[0];
      if (holding) return holding;
      const root = projectOf(absolute);
      let served = loose.get(root);
      if (!served) {
        served = serve(root, false);
        loose.set(root, served);
      }
      return served;
    },
    of: (folder) => workspaces.get(folder.root) ?? [...loose.values()].find((it) => it.folder === folder)!,
    add: (uri) => {
      const root = pathOf(uri);
      if (root === undefined || workspaces.has(root)) return;
      const served = serve(root, true);
      workspaces.set(root, served);
      if (isStarted) served.folder.start();
    },
    remove: (uri, handOver) => {
      const root = pathOf(uri);
      const served = root === undefined ? undefined : workspaces.get(root);
      if (!served) return;
      workspaces.delete(served.folder.root);
      handOver();
      stop(served);
    },
    dropLoose: (folder) => {
      const found = [...loose].find(([, it]) => it.folder === folder);
      if (!found) return;
      loose.delete(found[0]);
      stop(found[1]);
    },
    get isStarted() {
      return isStarted;
    },
    start: () => {
      if (isStarted) return;
      isStarted = true;
      for (const { folder } of workspaces.values()) folder.start();
    },
    dispose: () => {
      for (const it of [...workspaces.values(), ...loose.values()]) stop(it);
    },
  };
}
