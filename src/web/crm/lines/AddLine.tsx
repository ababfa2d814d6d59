import { Button, Group, Select } from '@mantine/core';
import { Minus, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import type { Row } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { createInPlace } from '../records/create-in-place';
import { type Line, useRate } from './use-lines';

const ACTIVE = { filters: [['is_active', 'is', true]], order: [['name', 'asc']], limit: 300 } as const;

/**
 * Adds a line: a catalogue item with its price, a custom item, or a deduction.
 *
 * @param currency of the document: in another one than the catalogue's, the price is left to the user
 */
export function AddLine({ currency, onAdd }: { currency: string; onAdd: (line: Partial<Line>) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rateOf = useRate();
  const may = useMay();
  const priceOf = (price: number | null) => (currency === format.currency ? (price ?? 0) : 0);
  const packages = useRecords('packages', ACTIVE).data ?? [];
  const addOns = useRecords('add_ons', ACTIVE).data ?? [];
  const products = useRecords('products', ACTIVE).data ?? [];
  const lineOf = {
    packages: (one: Row<'packages'>): Partial<Line> => ({
      item_type: 'package',
      package_id: one.id,
      name: one.name,
      unit_price: priceOf(one.base_price),
      ...rateOf(one.taxable),
    }),
    add_ons: (one: Row<'add_ons'>): Partial<Line> => ({
      item_type: 'add_on',
      add_on_id: one.id,
      name: one.name,
      unit_price: priceOf(one.price),
      unit: one.unit,
      ...rateOf(one.taxable),
    }),
    products: (one: Row<'products'>): Partial<Line> => ({
      item_type: 'product',
      product_id: one.id,
      name: one.name,
      unit_price: priceOf(one.price),
      ...rateOf(one.taxable),
    }),
  };
  const offered = new Map<string, Partial<Line>>([
    ...packages.map((one) => [one.id, lineOf.packages(one)] as const),
    ...addOns.map((one) => [one.id, lineOf.add_ons(one)] as const),
    ...products.map((one) => [one.id, lineOf.products(one)] as const),
  ]);
  const [typed, setTyped] = useState('');
  const name = typed.trim();
  const creatable = may('operations') && name ? (['packages', 'add_ons', 'products'] as const) : [];
  const create = (table: 'packages' | 'add_ons' | 'products') =>
    createInPlace({
      table,
      typed: name,
      onCreated: (row) => onAdd({ quantity: 1, ...lineOf[table](row as never) }),
    });
  const group = (name: string, rows: readonly { id: string; name: string }[]) => ({
    group: t(`lines.${name}`),
    items: rows.map((row) => ({
      value: row.id,
      label:
        currency === format.currency
          ? `${row.name} · ${format.money(offered.get(row.id)?.unit_price)}`
          : row.name,
    })),
  });
  return (
    <Group gap="xs" p="md">
      <Select
        aria-label={t('lines.add')}
        placeholder={t('lines.add')}
        searchable
        value={null}
        flex="1 1 240px"
        data={[
          group('packages', packages),
          group('addOns', addOns),
          group('products', products),
          {
            group: t('lines.createNew'),
            items: creatable.map((table) => ({
              value: table,
              label: `${t('picker.create', { name })} (${t(`entity.${table}.one`)})`,
            })),
          },
        ]}
        onSearchChange={setTyped}
        nothingFoundMessage={t('nothingFound')}
        onChange={(id) => {
          const line = id && offered.get(id);
          const table = creatable.find((one) => one === id);
          if (line) onAdd({ quantity: 1, ...line });
          else if (table) create(table);
        }}
      />
      <Button
        variant="default"
        leftSection={<Plus size={15} />}
        onClick={() =>
          onAdd({ item_type: 'custom', name: t('lines.custom'), quantity: 1, unit_price: 0, ...rateOf(true) })
        }
      >
        {t('lines.custom')}
      </Button>
      <Button
        variant="default"
        leftSection={<Minus size={15} />}
        onClick={() =>
          onAdd({
            item_type: 'discount',
            name: t('lines.deduction'),
            quantity: 1,
            unit_price: 0,
            ...rateOf(true),
          })
        }
      >
        {t('lines.deduction')}
      </Button>
    </Group>
  );
}
