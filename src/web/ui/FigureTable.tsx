import { Button, Group, Table } from '@mantine/core';
import { Download } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useMay } from '../hooks/session/roles';
import classes from './FigureTable.module.css';
import { EmptyState, Panel } from './Panel';
import { saveCsv } from './save-file';

export interface FigureColumn<R> {
  key: string;
  label: string;
  /** Value on the screen. */
  show: (row: R) => ReactNode;
  /** Value in the exported file. */
  plain: (row: R) => string | number;
  /** Aligns text columns left; numbers are aligned right. */
  isName?: boolean;
  /** Exported only, not shown on the screen. */
  onlyInFile?: boolean;
  /** Footer cell. */
  foot?: ReactNode;
}

interface Properties<R> {
  title: string;
  columns: readonly FigureColumn<R>[];
  rows: readonly R[];
  keyOf: (row: R) => string;
  /** File name without extension. */
  file: string;
  empty: string;
  icon: Parameters<typeof EmptyState>[0]['icon'];
  /** All rows for the export, when only some are shown. */
  allRows?: () => Promise<readonly R[]>;
  aside?: ReactNode;
  below?: ReactNode;
}

/** More take seconds to draw; a button and paper show the others. */
const SHOWN_AT_FIRST = 100;

/** A report table with CSV export. */
export function FigureTable<R>(properties: Properties<R>) {
  const { title, columns, rows, keyOf, file, empty, icon, allRows, aside, below } = properties;
  const { t } = useTranslation();
  const may = useMay();
  const save = async () => {
    const lines = (allRows ? await allRows() : rows).map((row) => columns.map(({ plain }) => plain(row)));
    await saveCsv(file, [columns.map(({ label }) => label), ...lines]);
  };
  const [all, setAll] = useState(false);
  useEffect(() => {
    const showAll = () => flushSync(() => setAll(true));
    window.addEventListener('beforeprint', showAll);
    return () => window.removeEventListener('beforeprint', showAll);
  }, []);
  const visible = all ? rows : rows.slice(0, SHOWN_AT_FIRST);
  const shown = columns.filter(({ onlyInFile }) => !onlyInFile);
  const hasFoot = rows.length > 0 && shown.some(({ foot }) => foot !== undefined);
  return (
    <Panel
      title={title}
      flush
      aside={
        <Group gap="xs" wrap="nowrap">
          {aside}
          {may('export') && rows.length > 0 && (
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<Download size={14} />}
              onClick={() => void save()}
            >
              {t('reports.csv')}
            </Button>
          )}
        </Group>
      }
    >
      {rows.length === 0 ? (
        <EmptyState icon={icon} title={empty} small />
      ) : (
        <Table.ScrollContainer
          minWidth={Math.min(860, 120 + shown.length * 86)}
          scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': title, role: 'region' } }}
        >
          <Table className={classes.table} horizontalSpacing={18} verticalSpacing={8} highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                {shown.map(({ key, label, isName }) => (
                  <Table.Th key={key} scope="col" ta={isName ? 'start' : 'end'}>
                    {label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {visible.map((row) => (
                <Table.Tr key={keyOf(row)}>
                  {shown.map(({ key, show, isName }) => (
                    <Table.Td key={key} ta={isName ? 'start' : 'end'} className={isName ? '' : 'numeric'}>
                      {show(row)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
            {hasFoot && (
              <Table.Tfoot>
                <Table.Tr>
                  {shown.map(({ key, foot, isName }) => (
                    <Table.Td key={key} ta={isName ? 'start' : 'end'} className={isName ? '' : 'numeric'}>
                      {foot}
                    </Table.Td>
                  ))}
                </Table.Tr>
              </Table.Tfoot>
            )}
          </Table>
        </Table.ScrollContainer>
      )}
      {visible.length < rows.length && (
        <Button variant="subtle" fullWidth onClick={() => setAll(true)}>
          {t('reports.showAll', { count: rows.length })}
        </Button>
      )}
      {below}
    </Panel>
  );
}
