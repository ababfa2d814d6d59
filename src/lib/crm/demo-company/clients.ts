import type { Random } from './random';
import type { Rows } from './rows';
import { COMPANIES, FIRST_NAMES, LAST_NAMES } from './words';

export interface Client {
  accountId: string;
  contactId: string;
  name: string;
}

/** The company's clients: people and companies, each with one contact. */
export class Clients {
  readonly #clients: Client[] = [];
  readonly #names = new Set<string>();

  constructor(
    private readonly rows: Rows,
    private readonly random: Random,
    private readonly salesUserIds: string[],
  ) {}

  /** A client: sometimes one who has booked before. */
  next(): Client {
    if (this.#clients.length > 8 && this.random.chance(0.18)) return this.random.pick(this.#clients);
    const { random, rows } = this;
    const number = this.#clients.length + 1;
    const company = random.chance(0.35);
    const { first, last, name } = this.#newName(company, number);
    const client = { accountId: random.uuid(), contactId: random.uuid(), name };
    const email = `${first}.${last}${number}@example.com`.toLowerCase();
    const phone = `+1 555 ${String(1000000 + number * 37).slice(0, 3)} ${String(1000 + ((number * 7919) % 9000))}`;
    rows.add('accounts', {
      id: client.accountId,
      name,
      account_type: company ? 'company' : 'individual',
      email,
      phone,
      billing_city: 'Riverton',
      billing_country: 'US',
      owner_id: random.pick(this.salesUserIds),
      tax_exempt: company && random.chance(0.1),
    });
    rows.add('contacts', {
      id: client.contactId,
      first_name: first,
      last_name: last,
      email,
      phone,
      job_title: company ? random.pick(['Event manager', 'Office manager', 'Head of marketing']) : null,
    });
    rows.add('contact_accounts', {
      contact_id: client.contactId,
      account_id: client.accountId,
      is_primary: true,
    });
    this.#clients.push(client);
    this.#names.add(name);
    return client;
  }

  /** A person, and a name that no other client has. */
  #newName(company: boolean, number: number): { first: string; last: string; name: string } {
    const { random } = this;
    for (let attempt = 1; ; attempt++) {
      const [first, last] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
      const name = company ? random.pick(COMPANIES) : `${first} ${last}`;
      if (!this.#names.has(name)) return { first, last, name };
      if (attempt === 4) return { first, last, name: `${name} ${number}` };
    }
  }
}
