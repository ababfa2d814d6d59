// Which column of which relation a view's column is, from the view's stored query tree (`pg_rewrite.ev_action`).

export interface ColumnReference {
  /** `pg_class.oid` of a table or of another view. */
  relation: number;
  /** `pg_attribute.attnum` */
  column: number;
}

/**
 * The origins of a view's columns, by the view's own `attnum`. Columns that are expressions, or come out of a UNION, have none.
 *
 * A query tree is text: `({QUERY … :targetList ({TARGETENTRY :expr {…} :resno 1 … :resorigtbl 16385 :resorigcol 2 …} …) …})`.
 * Only the outermost query's target list counts; those of its sub-queries lie deeper.
 */
export function viewColumnOrigins(queryTree: string): Map<number, ColumnReference> {
  const origins = new Map<number, ColumnReference>();
  const start = outermostTargetList(queryTree);
  if (start < 0) return origins;
  let depth = 0;
  let entry = start;
  for (let at = start; at < queryTree.length; at += 1) {
    switch (queryTree.charCodeAt(at)) {
      case BACKSLASH:
        at += 1;
        break;
      case OPEN_BRACE:
        depth += 1;
        if (depth === 1) entry = at;
        break;
      case CLOSE_BRACE:
        depth -= 1;
        if (depth === 0) addOrigin(origins, queryTree.slice(entry, at));
        break;
      case CLOSE_PARENTHESIS:
        if (depth === 0) return origins;
        break;
    }
  }
  return origins;
}

const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const CLOSE_PARENTHESIS = 41;
const TARGET_LIST = ':targetList (';

/** Where the list's first entry begins. */
function outermostTargetList(queryTree: string): number {
  let depth = 0;
  for (let at = 0; at < queryTree.length; at += 1) {
    switch (queryTree.charCodeAt(at)) {
      case BACKSLASH:
        at += 1;
        break;
      case OPEN_BRACE:
        depth += 1;
        break;
      case CLOSE_BRACE:
        depth -= 1;
        break;
      case 58: // `:`
        if (depth === 1 && queryTree.startsWith(TARGET_LIST, at)) return at + TARGET_LIST.length;
        break;
    }
  }
  return -1;
}

/** The entry's own fields stand after its expression, so the last match counts. */
const ORIGIN = /:resno (\d+) .*:resorigtbl (\d+) :resorigcol (\d+) :resjunk (true|false)\s*$/s;

function addOrigin(origins: Map<number, ColumnReference>, entry: string): void {
  const tail = entry.slice(entry.lastIndexOf(' :resno '));
  const [, position, relation, column, junk] = ORIGIN.exec(tail) ?? [];
  if (!relation || relation === '0' || junk === 'true') return;
  origins.set(Number(position), { relation: Number(relation), column: Number(column) });
}
