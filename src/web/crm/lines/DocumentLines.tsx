import { Text } from '@mantine/core';
import { useIsMutating } from '@tanstack/react-query';
import { FileText } from 'lucide-react';
import type { ClipboardEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useQueuedEdits } from '../../hooks/offline/edit-queue';
import { UnsavedGroup } from '../../hooks/offline/unsaved';
import { notifyProblem } from '../../ui/notify';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { AddLine } from './AddLine';
import classes from './DocumentLines.module.css';
import { LineRow } from './LineRow';
import { MOST_PASTED, readLines } from './paste-lines';
import { type LineParent, tableOfLines, useLines, useRate } from './use-lines';
import { handled } from './use-typed';

interface Properties {
  parent: LineParent;
  currency: string;
  editable: boolean;
  /** Rendered below the lines. */
  totals?: ReactNode;
}

const HEADS = ['name', 'quantity', 'price', 'discount', 'tax', 'total'] as const;

/** The lines and totals of an opportunity, quote or invoice. Edited in place until the document is sent. */
export function DocumentLines({ parent, currency, editable, totals }: Properties) {
  const { t } = useTranslation();
  const { scale } = formatIn(useFormat(), currency);
  const rateOf = useRate();
  const { lines, error, isPending, save, add, remove } = useLines(parent);
  const group = `${parent.table}:${parent.id}`;
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text');
    if (!editable || !/[\r\n]./.test(text)) return;
    event.preventDefault();
    const pasted = readLines(text, scale);
    if (pasted.length > MOST_PASTED) notifyProblem(t('lines.pastedTooMany', { count: MOST_PASTED }));
    else add(pasted.map((line) => ({ item_type: 'custom', ...rateOf(true), ...line })));
  };
  const unsaved = new Set(useQueuedEdits().flatMap((edit) => (edit.group === group ? edit.key : [])));
  return (
    <UnsavedGroup value={group}>
      <Panel
        title={t('lines.title')}
        flush
        onPaste={paste}
        aside={
          !editable &&
          parent.table !== 'opportunities' && (
            <Text size="xs" c="dimmed">
              {t('lines.frozen')}
            </Text>
          )
        }
      >
        {error && !lines && <Failed error={error} />}
        {isPending && <Lines />}
        {lines?.length === 0 && (
          <EmptyState icon={FileText} title={t('lines.empty')} text={t('lines.emptyText')} small />
        )}
        {lines && lines.length > 0 && (
          <div className={`${classes.heads} ${editable ? classes.editable : ''}`} aria-hidden>
            {HEADS.map((head) => (
              <span key={head}>{t(`lines.${head}`)}</span>
            ))}
          </div>
        )}
        {lines?.map((line, index) => {
          const above = lines[index - 1];
          return (
            <LineRow
              key={line.id}
              line={line}
              currency={currency}
              editable={editable}
              isUnsaved={unsaved.has(`${tableOfLines(parent.table)}:${line.id}`)}
              onSave={(changes) => save(line, changes)}
              onRemove={() => remove(line.id)}
              onUp={
                above &&
                (() => {
                  const places = [above.sort_order, Math.max(line.sort_order, above.sort_order + 1)];
                  save(line, { sort_order: places[0] }).catch(handled);
                  save(above, { sort_order: places[1] }).catch(handled);
                })
              }
            />
          );
        })}
        {editable && <AddLine currency={currency} onAdd={(line) => add([line])} />}
        {totals}
        {unsaved.size > 0 && (
          <Text size="xs" c="dimmed" px={18} pb={12}>
            {t('lines.totalsLater')}
          </Text>
        )}
      </Panel>
    </UnsavedGroup>
  );
}

/** Totals computed by the database, marked as outdated while a change is pending. */
export function Totals({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const computing = useIsMutating() > 0;
  return (
    <div aria-live="polite">
      {computing && (
        <Text size="xs" c="dimmed" px={18} pt={8}>
          {t('lines.computing')}
        </Text>
      )}
      <dl className={`${classes.totals} ${computing ? classes.computing : ''}`}>{children}</dl>
    </div>
  );
}

export function TotalRow({
  label,
  children,
  grand,
}: {
  label: string;
  children: ReactNode;
  grand?: boolean;
}) {
  const look = grand ? classes.grand : undefined;
  return (
    <>
      <dt className={look}>{label}</dt>
      <dd className={look}>{children}</dd>
    </>
  );
}
