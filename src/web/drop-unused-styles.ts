import type { Plugin } from 'vite';

/** Classes of Mantine's components. Their scripts name those that are used. */
const CLASS = /m_[0-9a-f]{6,8}/g;

/** Removes the styles of Mantine's components that no script of the build uses: `styles.css` has those of all. */
export function dropUnusedStyles(): Plugin {
  return {
    name: 'drop-unused-styles',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = Object.values(bundle);
        const used = new Set(
          files.flatMap((file) => (file.type === 'chunk' ? (file.code.match(CLASS) ?? []) : [])),
        );
        for (const file of files)
          if (file.type === 'asset' && file.fileName.endsWith('.css'))
            file.source = withoutUnused(String(file.source), (name) => used.has(name));
      },
    },
  };
}

/** @param css minified: without comments, and with no brace in a text */
export function withoutUnused(css: string, isUsed: (name: string) => boolean): string {
  let kept = '';
  for (const { head, body } of rulesOf(css)) {
    if (body === undefined) kept += head;
    else if (/^@(media|supports|container|layer)/.test(head)) {
      const inner = withoutUnused(body, isUsed);
      if (inner) kept += `${head}{${inner}}`;
    } else if (
      head.startsWith('@') ||
      selectorsOf(head).some((one) => (one.match(CLASS) ?? []).every(isUsed))
    )
      kept += `${head}{${body}}`;
  }
  return kept;
}

/** Rules, and statements without a body such as `@charset`. */
function* rulesOf(css: string): Generator<{ head: string; body?: string }> {
  for (let at = 0; at < css.length; ) {
    const open = css.indexOf('{', at);
    const statement = css.indexOf(';', at);
    if (open < 0 || (statement >= 0 && statement < open)) {
      const end = statement < 0 ? css.length : statement + 1;
      yield { head: css.slice(at, end) };
      at = end;
      continue;
    }
    let end = open + 1;
    for (let depth = 1; depth > 0 && end < css.length; end += 1) {
      if (css[end] === '{') depth += 1;
      if (css[end] === '}') depth -= 1;
    }
    yield { head: css.slice(at, open), body: css.slice(open + 1, end - 1) };
    at = end;
  }
}

/** The selectors of a list, without what stands in `:is(…)`, `:where(…)` or `:not(…)`: that need not match. */
function selectorsOf(head: string): string[] {
  let plain = head;
  for (let before = ''; before !== plain; ) {
    before = plain;
    plain = plain.replace(/\([^()]*\)/g, '');
  }
  return plain.split(',');
}
