/** The SLO view: draws the tree that the server answers, anew whenever it says that there is another one. */
import * as vscode from "vscode";
import { commands, type OverviewNode, type OverviewResult } from "../protocol/index.ts";

const VIEW = "sloLens.overview";
/** When-clauses of the view's welcomes ask for it. */
const STATE_KEY = "sloLens.state";
/** Milliseconds within which many changes are one. */
const TOGETHER = 250;

const STATES: Readonly<Record<string, readonly [icon: string, colour?: string]>> = {
  exhausted: ["error", "charts.red"],
  burning: ["flame", "charts.orange"],
  watch: ["warning", "charts.yellow"],
  healthy: ["pass", "charts.green"],
  stale: ["history"],
  "low-traffic": ["circle-outline"],
  "no-data": ["question"],
  unmatched: ["debug-disconnect"],
};
const KINDS: Readonly<Record<OverviewNode["kind"], string>> = {
  service: "server",
  objective: "target",
  endpoint: "globe",
  finding: "lightbulb",
  group: "folder",
  note: "info",
};

export interface Overview extends vscode.Disposable {
  readonly changed: () => void;
}

/** Which welcome an empty view shows. */
function stateOf(answer: OverviewResult | undefined): "ready" | "off" | "reading" | "stopped" {
  if (!vscode.workspace.getConfiguration("sloLens").get("enable", true)) return "off";
  if (!answer) return "stopped";
  return answer.isReady ? "ready" : "reading";
}

/** @param ask the server's answer; undefined while there is none to ask */
export function createOverview(ask: () => Promise<OverviewResult | undefined>): Overview {
  const fired = new vscode.EventEmitter<undefined>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const provider: vscode.TreeDataProvider<OverviewNode> = {
    onDidChangeTreeData: fired.event,
    getTreeItem: itemOf,
    getChildren: async (of) => {
      if (of) return [...of.children];
      // A server that stops while it is asked has nothing to say: no message of an error, and no old tree either.
      const answer = await ask().catch(() => undefined);
      const nodes = answer?.nodes ?? [];
      void vscode.commands.executeCommand("setContext", STATE_KEY, stateOf(answer));
      // An empty tree shows the view's welcome instead.
      view.message = nodes.length > 0 ? (answer?.message ?? "") : "";
      return [...nodes];
    },
  };
  const view = vscode.window.createTreeView(VIEW, { treeDataProvider: provider, showCollapseAll: true });
  return {
    changed: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        fired.fire(undefined);
      }, TOGETHER);
    },
    dispose: () => {
      clearTimeout(timer);
      view.dispose();
      fired.dispose();
    },
  };
}

function itemOf(node: OverviewNode): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(
    node.label,
    node.children.length === 0 ? None : node.kind === "service" ? Expanded : Collapsed,
  );
  if (node.description !== undefined) item.description = node.description;
  if (node.tooltip !== undefined) item.tooltip = node.tooltip;
  item.contextValue = node.endpoint && !node.endpoint.hasSlo ? "endpoint.uncovered" : node.kind;
  const [icon, colour] = (node.state !== undefined ? STATES[node.state] : undefined) ?? [KINDS[node.kind]];
  item.iconPath = new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  // Read aloud with what the picture says; what stands in both is said once.
  const more = [node.description, node.tooltip].flatMap((it) => it?.split(/\n| · /) ?? []);
  item.accessibilityInformation = { label: [...new Set([node.label, ...more])].join(", ") };
  if (node.place) {
    const { uri, line, character } = node.place;
    const at = new vscode.Position(line, character);
    item.command = {
      title: "",
      command: "vscode.open",
      arguments: [
        vscode.Uri.parse(uri),
        { selection: new vscode.Range(at, at) } satisfies vscode.TextDocumentShowOptions,
      ],
    };
  }
  return item;
}

/** Asks where numbers come from, and writes the answer into the workspace's settings. */
export async function connectTelemetry(): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    await vscode.commands.executeCommand("workbench.trust.manage");
    return;
  }
  const of = vscode.workspace.getConfiguration("sloLens");
  const kinds = [
    {
      label: "Prometheus",
      detail: vscode.l10n.t("Prometheus, Thanos, Mimir or VictoriaMetrics: numbers over the whole window"),
      source: "prometheus",
      setting: "telemetry.prometheus.url",
      example: "https://prometheus.example.com",
    },
    {
      label: vscode.l10n.t("Metrics page"),
      detail: vscode.l10n.t("The /metrics address of the service on your own machine: numbers since it was started"),
      source: "scrape",
      setting: "telemetry.scrape.url",
      example: "http://localhost:3000/metrics",
    },
    {
      label: vscode.l10n.t("Snapshot file"),
      detail: vscode.l10n.t("A file that `slo-lens status --write` has written, such as by CI"),
      source: "snapshot",
      setting: "telemetry.snapshot.path",
      example: "slo-snapshot.json",
    },
  ];
  const kind = await vscode.window.showQuickPick(kinds, { title: vscode.l10n.t("Where do the numbers come from?") });
  if (!kind) return;
  const value = await vscode.window.showInputBox({
    title: kind.label,
    prompt: kind.detail,
    placeHolder: kind.example,
    value: of.get(kind.setting, ""),
    validateInput: (text) =>
      kind.source === "snapshot" ? (text.trim() === "" ? " " : undefined) : isAddress(text) ? undefined : ADDRESS(),
  });
  if (value === undefined) return;
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await of.update(kind.setting, value.trim(), target);
  // "auto" would take another one that has an address too.
  await of.update("telemetry.source", kind.source, target);
  await vscode.commands.executeCommand(commands.refresh);
}

const ADDRESS = (): string => vscode.l10n.t("Enter an address that begins with https:// or http://");

function isAddress(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}
