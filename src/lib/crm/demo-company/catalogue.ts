import { shiftDate } from '../dates';
import type { Random } from './random';
import type { Rows } from './rows';
import { VENUES } from './words';

export interface Catalogue {
  packages: { id: string; name: string; price: number; hours: number; boothTypeId: string }[];
  addOns: { id: string; name: string; price: number }[];
  boothsByType: Map<string, string[]>;
  locationIds: string[];
}

const BOOTH_TYPES = [
  {
    name: 'Open-air booth',
    crew: 1,
    booths: ['Luna', 'Sol', 'Stella', 'Nova'],
    price: 79500,
    items: ['Camera', 'Printer', 'Light'],
  },
  {
    name: 'Enclosed booth',
    crew: 1,
    booths: ['Retro', 'Vintage'],
    price: 89500,
    items: ['Camera', 'Printer'],
  },
  {
    name: '360 video booth',
    crew: 2,
    booths: ['Orbit', 'Halo'],
    price: 119500,
    items: ['Camera', 'Light', 'Platform'],
  },
  {
    name: 'Mirror booth',
    crew: 1,
    booths: ['Mirror One'],
    price: 99500,
    items: ['Camera', 'Printer', 'Mirror'],
  },
];
const ADD_ONS: [name: string, price: number, unit: string][] = [
  ['Extra hour', 15000, 'hour'],
  ['Guest book', 12500, 'each'],
  ['Premium backdrop', 17500, 'each'],
  ['Props deluxe', 7500, 'set'],
  ['Second attendant', 20000, 'each'],
];
const EQUIPMENT_PRICES: Record<string, number> = {
  Camera: 119900,
  Printer: 89900,
  Light: 34900,
  Platform: 249900,
  Mirror: 399900,
};

/** What the company owns and sells. */
export function makeCatalogue(rows: Rows, random: Random, today: string): Catalogue {
  const packages: Catalogue['packages'] = [];
  const boothsByType = new Map<string, string[]>();
  const typeIds = new Map(Object.keys(EQUIPMENT_PRICES).map((name) => [name, random.uuid()]));
  for (const [name, id] of typeIds) {
    rows.add('equipment_types', {
      id,
      name,
      category: 'Booth kit',
      tracking: 'serialized',
      buffer_before_minutes: 30,
      buffer_after_minutes: 30,
    });
  }
  const propsType = random.uuid();
  rows.add('equipment_types', { id: propsType, name: 'Prop set', category: 'Props', tracking: 'bulk' });
  rows.add('equipment_items', {
    equipment_type_id: propsType,
    asset_tag: 'PROP-001',
    name: 'Prop sets',
    quantity: 12,
  });

  let tag = 0;
  for (const type of BOOTH_TYPES) {
    const boothTypeId = random.uuid();
    const required = Object.fromEntries(type.items.map((item) => [typeIds.get(item) ?? '', 1]));
    rows.add('booth_types', {
      id: boothTypeId,
      name: type.name,
      required_items: required,
      buffer_before_minutes: 60,
      buffer_after_minutes: 60,
      crew_needed: type.crew,
    });
    const booths = type.booths.map((name) => ({ id: random.uuid(), name }));
    boothsByType.set(
      boothTypeId,
      booths.map(({ id }) => id),
    );
    for (const booth of booths) {
      rows.add('booths', { id: booth.id, booth_type_id: boothTypeId, name: booth.name, status: 'ready' });
      for (const item of type.items) {
        tag += 1;
        rows.add('equipment_items', {
          equipment_type_id: typeIds.get(item),
          asset_tag: `EQ-${String(tag).padStart(4, '0')}`,
          name: `${item} of ${booth.name}`,
          serial_number: `SN${random.integer(100000, 999999)}${tag}`,
          condition: random.pick(['excellent', 'good', 'good', 'fair']),
          booth_id: booth.id,
          purchase_date: shiftDate(today, -random.integer(90, 1200)),
          purchase_price: EQUIPMENT_PRICES[item] ?? 10000,
          next_service_due: shiftDate(today, random.integer(-10, 180)),
        });
      }
    }
    for (const hours of [3, 4, 5]) {
      const price = type.price + (hours - 3) * 15000;
      const id = random.uuid();
      packages.push({ id, name: `${type.name}, ${hours} hours`, price, hours, boothTypeId });
      rows.add('packages', {
        id,
        name: `${type.name}, ${hours} hours`,
        base_price: price,
        duration_hours: hours,
        extra_hour_price: 15000,
        booth_type_id: boothTypeId,
        includes: ['Attendant', 'Unlimited prints', 'Online gallery'],
      });
    }
  }
  const addOns = ADD_ONS.map(([name, price, unit]) => ({ id: random.uuid(), name, price, unit }));
  for (const addOn of addOns) rows.add('add_ons', addOn);
  rows.add('products', {
    sku: 'ALB-01',
    name: 'Leather album',
    price: 14500,
    cost: 6200,
    lead_time_days: 21,
  });
  rows.add('products', {
    sku: 'BD-CUS',
    name: 'Custom backdrop',
    price: 39500,
    cost: 18000,
    lead_time_days: 28,
    requires_design: true,
  });

  const locationIds = VENUES.map(([name, city, travel]) => {
    const id = random.uuid();
    rows.add('locations', {
      id,
      name,
      city,
      address: `${random.integer(1, 240)} Main Street`,
      travel_minutes: travel,
    });
    return id;
  });
  return { packages, addOns, boothsByType, locationIds };
}
