import { html, raw } from 'hono/html';

const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1f2328;background:#fff}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:1rem;margin:1.5rem 0 .25rem}
code{font-family:ui-monospace,monospace;font-size:.9em}pre{overflow-x:auto;padding:.75rem 1rem;border:1px solid #e5e7eb;border-radius:6px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #e5e7eb}
.note{background:#fff7d6;border:1px solid #c69026;padding:.75rem 1rem;border-radius:6px}
button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:6px;background:#0b5d4e;color:#fff;cursor:pointer}
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}td,th,pre{border-color:#30363d}.note{background:#3b2f0b}}`;

/** A page that needs no script. */
export function page(title: string, content: unknown, language = 'en') {
  return html`<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>${title}</title><style>${raw(STYLE)}</style></head>
<body><main>${content}</main></body>
</html>`;
}
