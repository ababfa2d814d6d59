import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Transporter } from 'nodemailer';
import { MailError } from './errors';

export interface MailAttachment {
  filename: string;
  content: Buffer;
  contentType: string;
}

export interface MailMessage {
  from: string;
  to: string;
  cc?: string[];
  replyTo?: string;
  subject: string;
  html: string;
  text: string;
  attachments?: MailAttachment[];
  /** Without angle brackets; the id by which a bounce or a reply names this mail. */
  messageId: string;
  /** The address for bounces; `from` by default. */
  returnPath?: string;
  /** The mail that this one answers. */
  inReplyTo?: string;
}

export interface MailTransport {
  readonly kind: 'smtp' | 'outbox';
  /** @throws MailError `mail_rejected` (permanent), `mail_unavailable` */
  send(message: MailMessage): Promise<void>;
  close(): void;
}

/**
 * Mail through an SMTP server.
 *
 * @param url `smtp://user:password@host:587` or `smtps://…`; kept out of every message
 */
export function createSmtpTransport(url: string): MailTransport {
  let loaded: Promise<Transporter> | undefined;
  const transport = () => {
    loaded ??= import('nodemailer').then(({ createTransport }) =>
      createTransport({
        url,
        pool: true,
        maxConnections: 2,
        connectionTimeout: 10_000,
        socketTimeout: 30_000,
      }),
    );
    return loaded;
  };
  return {
    kind: 'smtp',
    async send(message) {
      try {
        const { returnPath, ...mail } = message;
        const envelope = returnPath
          ? { envelope: { from: returnPath, to: [mail.to, ...(mail.cc ?? [])] } }
          : {};
        await (await transport()).sendMail({
          ...mail,
          ...envelope,
          attachDataUrls: true,
          messageId: `<${mail.messageId}>`,
        });
      } catch (cause) {
        // RFC 5321 4.2.1: 5xx is final, 4xx asks to try again.
        const status = Number((cause as { responseCode?: number }).responseCode ?? 0);
        const permanent = status >= 500 && status < 600 && status !== 535;
        const code = permanent ? 'mail_rejected' : 'mail_unavailable';
        throw new MailError(
          code,
          `The mail server ${permanent ? 'refused the mail' : 'cannot take the mail now'}${status ? ` (${status})` : ''}.`,
          permanent,
          cause,
        );
      }
    },
    close() {
      void loaded?.then((opened) => opened.close());
    },
  };
}

/** Without SMTP: writes every mail to a `.eml` file in a directory. */
export function createOutboxTransport(
  directory: string,
): MailTransport & { list(): Promise<string[]>; read(name: string): Promise<string> } {
  return {
    kind: 'outbox',
    async send(message) {
      const { returnPath: _, ...mail } = message;
      const { createTransport } = await import('nodemailer');
      const compose = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
      const { message: eml } = await compose.sendMail({
        ...mail,
        attachDataUrls: true,
        messageId: `<${mail.messageId}>`,
      });
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const file = path.join(
        directory,
        `${new Date().toISOString().replaceAll(':', '')}-${randomUUID().slice(0, 8)}.eml`,
      );
      await writeFile(`${file}.part`, eml as Buffer, { mode: 0o600 });
      await rename(`${file}.part`, file);
    },
    async list() {
      const files = await readdir(directory).catch(() => []);
      return files
        .filter((file) => file.endsWith('.eml'))
        .sort()
        .reverse();
    },
    read: (name) => readFile(path.join(directory, path.basename(name)), 'utf8'),
    close: () => {},
  };
}
