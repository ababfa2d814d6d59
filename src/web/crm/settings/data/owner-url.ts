/** Where a customer's database is. */
interface Address {
  host: string;
  port: string;
  database: string;
}

/** The login that the DBA's script makes. */
const LOGIN = 'marquee';

/** A password for it, which only the URL carries: 192 random bits. */
export function newPassword(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** Whether the fields can be a database's address. What they lead to is for the connection test to say. */
export function isAddress({ host, port, database }: Address): boolean {
  return (
    /^([\w-]+(\.[\w-]+)*|\[[\da-f:.]+\])$/i.test(host) && /^\d{1,5}$/.test(port) && database.trim() !== ''
  );
}

export function ownerUrl({ host, port, database }: Address, password: string): string {
  return `postgresql://${LOGIN}:${password}@${host}:${port}/${encodeURIComponent(database.trim())}`;
}
