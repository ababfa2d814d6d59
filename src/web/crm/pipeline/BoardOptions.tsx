import { Button, Group, Select } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useFormat } from '../../hooks/format';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { type BoardChoice, choiceOf, ORDERS } from './deals';

interface Properties {
  owners: readonly string[];
  /** `YYYY-MM` */
  months: readonly string[];
  sources: readonly string[];
}

/** Filters and order of the board: by owner, month of the event and source. Offers what the deals have. */
export function BoardOptions(offered: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useScreenSearch();
  const { nameOf } = usePeople();
  const choice = choiceOf(search);
  const set = (changes: Partial<BoardChoice>) => {
    const { order, ...filters } = { ...choice, ...changes };
    const f = Object.fromEntries(
      Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    void navigate({ to: '.', search: { ...search, f, sort: order }, replace: true });
  };
  const owners = distinct([choice.owner, ...offered.owners]);
  const months = distinct([choice.month, ...offered.months]);
  const sources = distinct([choice.source, ...offered.sources]);
  const filters = [
    ['owner', owners.map((value) => ({ value, label: nameOf(value) }))],
    ['month', months.map((value) => ({ value, label: format.month(`${value}-15`) }))],
    ['source', sources.map((value) => ({ value, label: value }))],
  ] as const;
  return (
    <Group gap="xs" mb="sm">
      {filters.map(([key, data]) => (
        <Select
          key={key}
          size="xs"
          w={150}
          aria-label={t(`board.${key}`)}
          placeholder={t(`board.${key}`)}
          data={data}
          value={choice[key] ?? null}
          onChange={(value) => set({ [key]: value ?? undefined })}
          clearable
          searchable={data.length > 8}
          disabled={data.length === 0}
        />
      ))}
      <Select
        size="xs"
        w={170}
        aria-label={t('board.sort')}
        data={ORDERS.map((value) => ({ value, label: t(`board.order.${value}`) }))}
        value={choice.order}
        onChange={(order) => set({ order: order ?? 'changed' })}
      />
      {(choice.owner ?? choice.month ?? choice.source) && (
        <Button
          size="xs"
          variant="subtle"
          onClick={() => set({ owner: undefined, month: undefined, source: undefined })}
        >
          {t('board.all')}
        </Button>
      )}
    </Group>
  );
}

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value): value is string => Boolean(value)))].sort();
}
