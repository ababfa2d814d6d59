import { ActionIcon, Button, Group, Menu, NumberInput, Table, Text, TextInput, Tooltip } from '@mantine/core';
import { FileText, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDeleteRecord, useSaveRecord } from '../../hooks/changes';
import { useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';
import { useSettings } from '../../hooks/settings';
import { EmptyState, Lines, Panel } from '../../ui/Panel';
import { AddFromCatalogue } from './AddFromCatalogue';
import classes from './Lines.module.css';

export type LineTable = 'opportunity_line_items' | 'quote_line_items' | 'invoice_line_items';

export interface Line {
  id: string;
  item_type: string;
  name: string;
  description: string | null;
  quantity: number;
  unit_price: number;
  discount_type: string;
  discount_value: number;
  line_total: number;
  sort_order: number;
}

interface Properties {
  table: LineTable;
  /** The column that names the document, and its id. */
  parent: { column: 'opportunity_id' | 'quote_id' | 'invoice_id'; id: string };
  /** Only drafts change. */
  editable: boolean;
  children?: React.ReactNode;
}

/** The lines of an opportunity, a quote or an invoice. Each field is saved when it is left; the database computes. */
export function LineEditor({ table, parent, editable, children }: Properties) {
  const { t } = useTranslation();
  const { settings } = useSettings();
  const save = useSaveRecord(table);
  const { data, isPending } = useRecords<LineTable, Line>(table, {
    filters: [[parent.column, 'eq', parent.id]],
    order: [['sort_order', 'asc']],
  });
  const [adding, setAdding] = useState<'packages' | 'add_ons' | 'products' | null>(null);
  const next = 10 + Math.max(0, ...(data ?? []).map(({ sort_order }) => sort_order));
  const base = {
    [parent.column]: parent.id,
    sort_order: next,
    // The setting is a share, a line's rate is in percent.
    tax_rate: settings.tax.rate * 100,
  };
  const addOwn = (item_type: 'custom' | 'discount') =>
    save.mutate({
      changes: {
        ...base,
        item_type,
        name: t(`lines.new.${item_type}`),
        unit_price: 0,
        taxable: item_type === 'custom',
      } as never,
    });
  return (
    <Panel
      title={t('lines.title')}
      flush
      aside={
        editable && (
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <Button
                variant="light"
                size="compact-sm"
                leftSection={<Plus size={14} />}
                loading={save.isPending}
              >
                {t('lines.add')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setAdding('packages')}>{t('option.package')}</Menu.Item>
              <Menu.Item onClick={() => setAdding('add_ons')}>{t('option.add_on')}</Menu.Item>
              <Menu.Item onClick={() => setAdding('products')}>{t('option.product')}</Menu.Item>
              <Menu.Divider />
              <Menu.Item onClick={() => addOwn('custom')}>{t('option.custom')}</Menu.Item>
              <Menu.Item onClick={() => addOwn('discount')}>{t('option.discount')}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )
      }
    >
      {isPending ? (
        <Lines count={3} />
      ) : data?.length === 0 ? (
        <EmptyState
          icon={FileText}
          title={t('lines.empty')}
          text={editable ? t('lines.emptyText') : ''}
          small
        />
      ) : (
        <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table horizontalSpacing={12} verticalSpacing={6} className={classes.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('field.name')}</Table.Th>
                <Table.Th w={96} ta="end">
                  {t('field.quantity')}
                </Table.Th>
                <Table.Th w={140} ta="end">
                  {t('lines.price')}
                </Table.Th>
                <Table.Th w={110} ta="end">
                  {t('lines.discount')}
                </Table.Th>
                <Table.Th w={130} ta="end">
                  {t('field.total')}
                </Table.Th>
                {editable && <Table.Th w={44} aria-label={t('more')} />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data?.map((line) => (
                <LineRow key={line.id} table={table} line={line} editable={editable} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {children}
      {adding && (
        <AddFromCatalogue
          kind={adding}
          onClose={() => setAdding(null)}
          onChoose={(chosen) => {
            save.mutate({ changes: { ...base, ...chosen } as never });
            setAdding(null);
          }}
        />
      )}
    </Panel>
  );
}

function LineRow({ table, line, editable }: { table: LineTable; line: Line; editable: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const save = useSaveRecord(table);
  const remove = useDeleteRecord(table);
  const keep = (changes: Partial<Line>) => save.mutate({ id: line.id, changes: changes as never });
  if (!editable) {
    return (
      <Table.Tr>
        <Table.Td>
          <Text size="sm" fw={550}>
            {line.name}
          </Text>
          {line.description && (
            <Text size="sm" c="dimmed">
              {line.description}
            </Text>
          )}
        </Table.Td>
        <Table.Td ta="end">{format.number(line.quantity)}</Table.Td>
        <Table.Td ta="end" className="numeric">
          {format.money(line.unit_price)}
        </Table.Td>
        <Table.Td ta="end">{line.discount_type === 'none' ? '' : discountText(line, format)}</Table.Td>
        <Table.Td ta="end" className="numeric">
          {format.money(line.line_total)}
        </Table.Td>
      </Table.Tr>
    );
  }
  return (
    <Table.Tr>
      <Table.Td>
        <TextInput
          key={line.name}
          variant="unstyled"
          className={classes.input}
          defaultValue={line.name}
          aria-label={t('field.name')}
          onBlur={(e) => e.target.value && e.target.value !== line.name && keep({ name: e.target.value })}
        />
      </Table.Td>
      <Table.Td>
        <Amount
          value={line.quantity}
          label={t('field.quantity')}
          decimals={3}
          onChange={(quantity) => keep({ quantity })}
        />
      </Table.Td>
      <Table.Td>
        <Amount
          value={line.unit_price / format.scale}
          label={t('lines.price')}
          decimals={2}
          fixed
          onChange={(price) => keep({ unit_price: Math.round(price * format.scale) })}
        />
      </Table.Td>
      <Table.Td>
        <Amount
          value={line.discount_type === 'percent' ? line.discount_value : 0}
          label={t('lines.discount')}
          decimals={2}
          suffix=" %"
          onChange={(discount_value) =>
            keep({ discount_value, discount_type: discount_value > 0 ? 'percent' : 'none' })
          }
        />
      </Table.Td>
      <Table.Td ta="end" className="numeric" fw={550}>
        {format.money(line.line_total)}
      </Table.Td>
      <Table.Td>
        <Group justify="flex-end">
          <Tooltip label={t('delete')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`${t('delete')}: ${line.name}`}
              onClick={() => remove.mutate(line.id)}
            >
              <Trash2 size={15} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

/** A number that is saved when it is left. */
function Amount({
  value,
  label,
  decimals,
  fixed = false,
  suffix = '',
  onChange,
}: {
  value: number;
  label: string;
  decimals: number;
  fixed?: boolean;
  suffix?: string;
  onChange: (value: number) => void;
}) {
  const [typed, setTyped] = useState<number | string>(value);
  const [seen, setSeen] = useState(value);
  // The database's answer replaces what was typed.
  if (seen !== value) {
    setSeen(value);
    setTyped(value);
  }
  return (
    <NumberInput
      variant="unstyled"
      className={classes.input}
      styles={{ input: { textAlign: 'end' } }}
      value={typed}
      aria-label={label}
      decimalScale={decimals}
      fixedDecimalScale={fixed}
      thousandSeparator=","
      suffix={suffix}
      hideControls
      onChange={setTyped}
      onBlur={() => Number(typed) !== value && onChange(Number(typed))}
    />
  );
}

function discountText(line: Line, format: ReturnType<typeof useFormat>): string {
  return line.discount_type === 'percent' ? `${line.discount_value} %` : format.money(line.discount_value);
}
