import { convert, type HtmlToTextOptions } from 'html-to-text';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { inkOfColor, inkOn } from '../../colors';
import { sanitizeDocumentHtml } from '../../documents/html';

export interface MailLook {
  companyName: string;
  /** `#rrggbb` */
  primaryColor: string;
  /** Under the text: address, phone, tax number. */
  footer: string;
  /** PNG bytes. */
  logo?: Uint8Array;
  /** Language tag of the text. */
  language: string;
}

export interface MailContent {
  subject: string;
  /** Merged template; sanitized again here. */
  bodyHtml: string;
  /** One thing to do: a button. */
  action?: { label: string; url: string };
  /** Address of an invisible tracking picture: its request shows that the mail was opened. */
  openedUrl?: string;
}

/** Tables of the text are kept in the plain text, not those that lay out the mail. */
const PLAIN_TEXT: HtmlToTextOptions = {
  wordwrap: false,
  selectors: [
    { selector: 'a', options: { linkBrackets: false, hideLinkHrefIfSameAsText: true } },
    { selector: 'img', format: 'skip' },
    { selector: 'table', format: 'dataTable' },
    { selector: 'table[role=presentation]', format: 'block' },
  ],
};

/** A mail in the tenant's look, as HTML and as the plain text of the same. */
export function renderMail(content: MailContent, look: MailLook): { html: string; text: string } {
  const html = `<!DOCTYPE html>${renderToStaticMarkup(<Mail content={content} look={look} />)}`;
  return { html, text: convert(html, PLAIN_TEXT) };
}

function Mail({ content, look }: { content: MailContent; look: MailLook }) {
  const font = {
    fontFamily: 'Helvetica, Arial, sans-serif',
    fontSize: 15,
    lineHeight: '1.5',
    color: '#1f2430',
  };
  return (
    <html lang={look.language}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{content.subject}</title>
      </head>
      <body style={{ margin: 0, padding: 24, backgroundColor: '#f4f5f7' }}>
        <Panel>
          {look.logo ? (
            // The transport sends it along: mail programs show no picture of a data URL.
            <img
              src={`data:image/png;base64,${Buffer.from(look.logo).toString('base64')}`}
              alt={look.companyName}
              style={{ display: 'block', maxWidth: 200, maxHeight: 56, marginBottom: 16 }}
            />
          ) : (
            <p style={{ ...font, fontWeight: 700, color: inkOfColor(look.primaryColor) }}>
              {look.companyName}
            </p>
          )}
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: sanitized in the same expression */}
          <div style={font} dangerouslySetInnerHTML={{ __html: sanitizeDocumentHtml(content.bodyHtml) }} />
          {content.action ? (
            <p>
              <a
                href={content.action.url}
                style={{
                  ...font,
                  display: 'inline-block',
                  padding: '10px 18px',
                  borderRadius: 6,
                  color: inkOn(look.primaryColor),
                  backgroundColor: look.primaryColor,
                  textDecoration: 'none',
                }}
              >
                {content.action.label}
              </a>
            </p>
          ) : null}
          <p style={{ ...font, fontSize: 12, color: '#6b7280' }}>{look.footer}</p>
          {content.openedUrl ? <img src={content.openedUrl} alt="" width={1} height={1} /> : null}
        </Panel>
      </body>
    </html>
  );
}

/** A table, because mail programs differ in everything else. */
function Panel({ children }: { children: ReactNode }) {
  return (
    <table role="presentation" width="100%" cellPadding={0} cellSpacing={0}>
      <tbody>
        <tr>
          <td align="center">
            <table
              role="presentation"
              width="100%"
              style={{ maxWidth: 560, backgroundColor: '#ffffff', borderRadius: 8 }}
            >
              <tbody>
                <tr>
                  <td style={{ padding: 28 }}>{children}</td>
                </tr>
              </tbody>
            </table>
          </td>
        </tr>
      </tbody>
    </table>
  );
}
