/** What booths of a kind are usually rented for: packages by hours, prices in whole units of a dollar-like currency. */
export interface TypicalOffer {
  /** A key of `setup.booth.kinds`. */
  kind: string;
  crew: number;
  packages: readonly { hours: number; price: number }[];
  extraHour: number;
  /** Keys of `setup.booth.includes`. */
  includes: readonly string[];
}

export const TYPICAL_OFFERS: readonly TypicalOffer[] = [
  {
    kind: 'openAir',
    crew: 1,
    packages: [
      { hours: 2, price: 495 },
      { hours: 3, price: 595 },
      { hours: 4, price: 695 },
    ],
    extraHour: 125,
    includes: ['attendant', 'prints', 'props', 'gallery'],
  },
  {
    kind: 'enclosed',
    crew: 1,
    packages: [
      { hours: 2, price: 595 },
      { hours: 3, price: 695 },
      { hours: 4, price: 795 },
    ],
    extraHour: 150,
    includes: ['attendant', 'prints', 'props', 'gallery'],
  },
  {
    kind: 'video360',
    crew: 2,
    packages: [
      { hours: 2, price: 695 },
      { hours: 3, price: 845 },
      { hours: 4, price: 995 },
    ],
    extraHour: 175,
    includes: ['attendant', 'videos', 'sharing', 'gallery'],
  },
  {
    kind: 'mirror',
    crew: 1,
    packages: [
      { hours: 2, price: 645 },
      { hours: 3, price: 745 },
      { hours: 4, price: 845 },
    ],
    extraHour: 150,
    includes: ['attendant', 'prints', 'props', 'gallery'],
  },
  { kind: 'other', crew: 1, packages: [{ hours: 3, price: 595 }], extraHour: 125, includes: ['attendant'] },
];

/** Currencies in which these prices are of the usual size. In others the owner enters them. */
const DOLLAR_LIKE = ['USD', 'EUR', 'GBP', 'CAD', 'AUD', 'NZD', 'CHF'];

/** A typical price in minor units, or undefined where the currency is of another size. */
export function typicalPrice(units: number, currency: string, scale: number): number | undefined {
  return DOLLAR_LIKE.includes(currency) ? units * scale : undefined;
}
