/** What the repository says about the load balancer in front: how long it keeps idle connections to the service. */
import type { DocumentFiles, FileSummary, RuleContext } from "../../engine/index.ts";

export interface LoadBalancer {
  readonly name: string;
  /** Milliseconds after which it gives up an idle connection. */
  readonly idleMs: number;
  /** The file that says so. */
  readonly path: string;
}

/** ALB and ELB: 60 s unless `idle_timeout` says otherwise (AWS, "Application Load Balancers", connection idle timeout). */
const AWS_MS = 60_000;
/** Google's HTTP load balancers: 600 s, not to be changed (Google Cloud, "Backend services overview", HTTP keepalive timeout). */
const GOOGLE_MS = 600_000;
/** nginx `upstream { keepalive_timeout }`: 60 s since 1.15.3; ingress-nginx `upstream-keepalive-timeout`: 60 s. */
const NGINX_MS = 60_000;

const CONSTRUCTS = /^(?:aws-cdk-lib\/aws-|@aws-cdk\/aws-)(?:elasticloadbalancingv2|elasticloadbalancing|ecs-patterns)$/;
const MAX_FILES = 300;

/** The one with the longest wait, which decides; undefined where nothing shows one. */
export function loadBalancerOf(context: RuleContext): LoadBalancer | undefined {
  return context.once(slowest);
}

function slowest(context: RuleContext): LoadBalancer | undefined {
  return [...context.everywhere(inCode), ...inTexts(context)].sort((a, b) => b.idleMs - a.idleMs)[0];
}

const texts = new WeakMap<DocumentFiles, readonly LoadBalancer[]>();

/** AWS CDK in TypeScript. */
function inCode(file: FileSummary): LoadBalancer | undefined {
  return file.imports.some((it) => CONSTRUCTS.test(it.specifier))
    ? { name: "ALB", idleMs: AWS_MS, path: file.path }
    : undefined;
}

function inTexts(context: RuleContext): readonly LoadBalancer[] {
  const known = texts.get(context.documents);
  if (known) return known;
  const found = context.documents.infrastructure.slice(0, MAX_FILES).flatMap((path) => {
    const text = context.text(path);
    const found = text === undefined ? undefined : read(path, text);
    return found ? [found] : [];
  });
  texts.set(context.documents, found);
  return found;
}

function read(path: string, text: string): LoadBalancer | undefined {
  if (path.endsWith(".tf")) {
    const isNetwork = /load_balancer_type\s*=\s*"(?:network|gateway)"/.test(text);
    if (/resource\s+"aws_(?:lb|alb|elb)"/.test(text) && !isNetwork) {
      const seconds = Number(/\bidle_timeout\s*=\s*(\d+)/.exec(text)?.[1] ?? AWS_MS / 1_000);
      return { name: "ALB", idleMs: seconds * 1_000, path };
    }
    return /resource\s+"google_compute_(?:region_)?backend_service"[\s\S]*?protocol\s*=\s*"HTTP/.test(text)
      ? { name: "Google Cloud Load Balancing", idleMs: GOOGLE_MS, path }
      : undefined;
  }
  if (path.endsWith(".conf")) {
    // Without `keepalive` nginx opens a connection per request, and nothing can go wrong here.
    const upstream = [...text.matchAll(/\bupstream\s+\S+\s*\{([^}]*)\}/g)]
      .map((it) => it[1]!)
      .find((it) => /\bkeepalive\s+\d+\s*;/.test(it));
    if (!upstream) return undefined;
    const seconds = Number(/\bkeepalive_timeout\s+(\d+)s?\s*;/.exec(upstream)?.[1] ?? NGINX_MS / 1_000);
    return { name: "nginx", idleMs: seconds * 1_000, path };
  }
  if (!/^kind:\s*Ingress\s*$/m.test(text)) return undefined;
  const name =
    /(?:ingressClassName|kubernetes\.io\/ingress\.class):\s*["']?(\w+)/.exec(text)?.[1] ??
    (text.includes("alb.ingress.kubernetes.io/") ? "alb" : "");
  if (/^alb$/.test(name)) {
    const seconds = Number(/idle_timeout\.timeout_seconds=(\d+)/.exec(text)?.[1] ?? AWS_MS / 1_000);
    return { name: "ALB", idleMs: seconds * 1_000, path };
  }
  if (/^nginx/.test(name)) return { name: "ingress-nginx", idleMs: NGINX_MS, path };
  return /^gce/.test(name) ? { name: "Google Cloud Load Balancing", idleMs: GOOGLE_MS, path } : undefined;
}
