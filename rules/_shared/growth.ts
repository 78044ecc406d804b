/**
 * Tables that grow with use, told by their last word. What people do (orders, messages, views) grows without end; what
 * people set up (roles, plans, teams) does not. A hint where no live row count is known, never a proof.
 */
const GROWING = new Set(
  `activity address answer application appointment article asset attachment audit backlink bid bookmark booking call cart charge chat check click comment contact conversation customer datum
  delivery device document download draft edit email entry envelope episode error event execution feature feed file follow follower game history image import impression incident invoice issue
  item job lead like link listing log mail measurement media meeting memory mention message metric notification note observation offer order package page participant patient payment
  person photo point post product profile purchase question rating reading receipt recipe recipient record registration reminder report request reservation response result review revision
  row run sale sample score search session share shipment signature snapshot song span step stock story submission subscriber subscription suggestion survey task thread ticket
  tick topic trace track trade transaction transfer trip update upload usage user version video view visit visitor vote word`.split(
    /\s+/,
  ),
);

/** The last word of `userSecurityAuditLogs`, `user_audit_log` or `AuditLogs`, in the singular. */
export function lastWord(table: string): string {
  const words = table
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[\s_.-]+/)
    .filter((it) => it !== "");
  const last = (words.at(-1) ?? "").toLowerCase();
  if (last.endsWith("ies")) return `${last.slice(0, -3)}y`;
  if (/(ss|us|is)$/.test(last)) return last;
  if (/(ches|shes|xes|sses)$/.test(last)) return last.slice(0, -2);
  return last.endsWith("s") ? last.slice(0, -1) : last;
}

export function growsByName(table: string | undefined): boolean {
  return table !== undefined && GROWING.has(lastWord(table));
}
