import { Modal, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';
import { EmptyState, Lines } from '../../ui/Panel';
import { packages } from '../entities/inventory';
import today from '../today/Today.module.css';

interface CatalogueRow {
  id: string;
  name: string;
  description: string | null;
  base_price?: number;
  price?: number | null;
  unit?: string;
  taxable: boolean;
}

const KINDS = {
  packages: { item_type: 'package', column: 'package_id' },
  add_ons: { item_type: 'add_on', column: 'add_on_id' },
  products: { item_type: 'product', column: 'product_id' },
} as const;

interface Properties {
  kind: keyof typeof KINDS;
  onClose: () => void;
  onChoose: (line: Record<string, unknown>) => void;
}

/** Chooses something the company sells, and makes a line of it. */
export function AddFromCatalogue({ kind, onClose, onChoose }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const [words, setWords] = useState('');
  const { data, isPending } = useRecords<typeof kind, CatalogueRow>(kind, {
    filters: [['is_active', 'is', true]],
    search: { words, columns: ['name'] },
    order: [['name', 'asc']],
    limit: 50,
  });
  const { item_type, column } = KINDS[kind];
  const priceOf = (row: CatalogueRow) => row.base_price ?? row.price ?? 0;
  return (
    <Modal opened onClose={onClose} title={t(`entity.${kind}.many`)} padding="md">
      <TextInput
        value={words}
        onChange={(event) => setWords(event.target.value)}
        placeholder={t('list.search', { what: t(`entity.${kind}.many`) })}
        aria-label={t('list.search', { what: t(`entity.${kind}.many`) })}
        data-autofocus
        mb="sm"
      />
      {isPending ? (
        <Lines count={4} />
      ) : data?.length === 0 ? (
        <EmptyState icon={packages.icon} title={t('nothingFound')} small />
      ) : (
        data?.map((row) => (
          <UnstyledButton
            key={row.id}
            className={today.row}
            w="100%"
            onClick={() =>
              onChoose({
                item_type,
                [column]: row.id,
                name: row.name,
                description: row.description,
                unit_price: priceOf(row),
                unit: row.unit ?? 'each',
                taxable: row.taxable,
              })
            }
          >
            <span className={today.text}>
              <span className={today.title}>{row.name}</span>
              {row.description && <span className={today.sub}>{row.description}</span>}
            </span>
            <Text className="numeric">{format.money(priceOf(row))}</Text>
          </UnstyledButton>
        ))
      )}
    </Modal>
  );
}
