import { Button, Group, Select } from '@mantine/core';
import { Minus, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';
import { type Line, useRate } from './use-lines';

const ACTIVE = { filters: [['is_active', 'is', true]], order: [['name', 'asc']], limit: 300 } as const;

/** Adds a line: a catalogue item with its price, a custom item, or a deduction. */
export function AddLine({ onAdd }: { onAdd: (line: Partial<Line>) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rateOf = useRate();
  const packages = useRecords('packages', ACTIVE).data ?? [];
  const addOns = useRecords('add_ons', ACTIVE).data ?? [];
  const products = useRecords('products', ACTIVE).data ?? [];
  const offered = new Map<string, Partial<Line>>();
  for (const one of packages)
    offered.set(one.id, {
      item_type: 'package',
      package_id: one.id,
      name: one.name,
      unit_price: one.base_price,
      ...rateOf(one.taxable),
    });
  for (const one of addOns)
    offered.set(one.id, {
      item_type: 'add_on',
      add_on_id: one.id,
      name: one.name,
      unit_price: one.price,
      unit: one.unit,
      ...rateOf(one.taxable),
    });
  for (const one of products)
    offered.set(one.id, {
      item_type: 'product',
      product_id: one.id,
      name: one.name,
      unit_price: one.price ?? 0,
      ...rateOf(one.taxable),
    });
  const group = (name: string, rows: readonly { id: string; name: string }[]) => ({
    group: t(`lines.${name}`),
    items: rows.map((row) => ({
      value: row.id,
      label: `${row.name} · ${format.money(offered.get(row.id)?.unit_price)}`,
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
        data={[group('packages', packages), group('addOns', addOns), group('products', products)]}
        onChange={(id) => {
          const line = id && offered.get(id);
          if (line) onAdd({ quantity: 1, ...line });
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
