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

/**
 * The ones among them of which a single owner, a customer or a conversation, gathers without end. One has a handful of
 * addresses, users and subscriptions, however many there are of them over all.
 */
const GATHERING = new Set(
  `activity audit backlink bookmark booking chat check click comment conversation customer datum delivery document download email entry error event execution file follow follower game history
  image impression incident invoice issue job lead like link log mail measurement media memory mention message metric note notification observation order patient payment
  photo point post product purchase rating reading receipt recipe recipient record registration request reservation response result review row run sale sample search session shipment signature snapshot
  song span story submission subscriber task thread tick ticket trace track trade transaction transfer trip upload usage view visit visitor vote`.split(
    /\s+/,
  ),
);

/** Endings that say what kind of thing a name is in code, not what it holds: `SubmissionModel`, `order_table`. */
const TECHNICAL = new Set(
  "model models entity entities schema table tables repository repo collection row rows record orm dao tbl".split(" "),
);

/** The last word of `userSecurityAuditLogs`, `user_audit_log` or `AuditLogs`, in the singular. */
export function lastWord(table: string): string {
  const words = table
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[\s_.-]+/)
    .filter((it) => it !== "");
  // Of classes alone: `assetModel` of a schema is a model of assets.
  if (/^[A-Z]/.test(table)) while (words.length > 1 && TECHNICAL.has(words.at(-1)!.toLowerCase())) words.pop();
  const last = (words.at(-1) ?? "").toLowerCase();
  if (last.endsWith("ies")) return `${last.slice(0, -3)}y`;
  if (/(ss|us|is)$/.test(last)) return last;
  if (/(ches|shes|xes|sses)$/.test(last)) return last.slice(0, -2);
  return last.endsWith("s") ? last.slice(0, -1) : last;
}

export function growsByName(table: string | undefined): boolean {
  return table !== undefined && GROWING.has(lastWord(table));
}

/** Whether the rows that belong to one owner grow with use as well. */
export function growsWithinOwner(table: string | undefined): boolean {
  return table !== undefined && GATHERING.has(lastWord(table));
}

/** What people set up once: its owner has a handful. */
const SET_UP = new Set(
  `admin carrier category channel code column condition config country coupon credential currency department domain environment field filter flag format group integration invitation invite key kind label
  language locale location member membership method option owner permission plan platform policy property provider region role router rule scope seat secret section setting sort source stage state status step store tag team
  template tenant translation type webhook workspace zone`.split(/\s+/),
);

/** Settings and the like: a list of them is never long. People and the groups they form can be many after all. */
const CONFIGURATION = new Set(
  `carrier channel column condition config country credential currency domain environment field format integration kind language locale method option permission plan platform policy property provider region
  role rule scope setting stage status template type webhook zone`.split(/\s+/),
);

export function isConfiguration(name: string | undefined): boolean {
  return name !== undefined && CONFIGURATION.has(lastWord(withoutKeys(name)));
}

export function isSetUp(name: string | undefined): boolean {
  return name !== undefined && SET_UP.has(lastWord(withoutKeys(name)));
}

/** `paymentMethod` of `paymentMethodIds`: a list of keys is as long as what they stand for. */
function withoutKeys(name: string): string {
  return name.replace(/_?(Ids?|IDs?|Keys?|Names?|Slugs?|Codes?|_ids?|_keys?|_names?|_slugs?)$/, "") || name;
}

/** Names that tables of a catalogue bear as well, which somebody keeps by hand: the products of a price list, the reports on offer. */
const CATALOGUES = new Set(
  `address answer article asset attachment document draft edit episode feature feed file game image item like link list listing media memory offer page photo point product profile question recipe record report
  sample score search share signature song step story subscription suggestion survey topic track update version video word`.split(
    /\s+/,
  ),
);

/** Whether rows are added by what people do and by nothing else, so that the table grows for certain. */
export function growsForSure(table: string | undefined): boolean {
  return growsByName(table) && !CATALOGUES.has(lastWord(table!));
}

/**
 * What programs write of their own accord, or people many times a day: one owner gathers so much of it that reading or
 * counting all hurts. Of what people make one by one (comments, orders, documents) an owner mostly has a page or two.
 */
const FLOODING = new Set(
  `activity audit click delivery event execution heartbeat hit impression log measurement message metric notification observation ping reading run sample span trace transaction usage
  view visit`.split(/\s+/),
);

/** Whether the rows of one owner run into the many thousands wherever the product is used at all. */
export function floodsWithinOwner(table: string | undefined): boolean {
  return table !== undefined && FLOODING.has(lastWord(table));
}
