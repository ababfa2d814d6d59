import { ActionIcon, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../hooks/company/settings';
import { monthsAfter } from '../../hooks/dates/days';
import { formatIn, shiftDays, useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { partLabel } from '../../ui/part-label';
import classes from './EditPlan.module.css';
import { DueInput, Monthly, Share } from './PartInputs';
import { monthly, type Part, type PlannedDocument, preview } from './plan';

/** Dialog to change what is due when. Parts that are paid are shown and stay. */
export function EditPlan({ document, onClose }: { document: PlannedDocument; onClose: () => void }) {
  const { t } = useTranslation();
  const format = formatIn(useFormat(), document.currency);
  const { settings } = useSettings();
  const save = useSaveRecord(document.table, { showsFailure: true });
  const { kept, due, table } = document;
  const [parts, setParts] = useState<Part[]>(() =>
    document.parts.length > 0
      ? document.parts
      : [
          document.dueDate
            ? { ...rest(null), due_date: document.dueDate }
            : rest(document.hasEvent ? settings.balance_due_days : null),
        ],
  );
  const amounts = preview(parts, due, kept, settings.rounding);
  const change = (at: number, changes: Partial<Part>) =>
    setParts(parts.map((part, index) => (index === at ? { ...part, ...changes } : part)));
  const addPart = () => {
    const at = parts.length - 1;
    const before = parts[at - 1];
    const isFirst = at === 0;
    const added: Part = {
      label: isFirst ? 'Deposit' : t('plan.number', { number: at + 1 }),
      type: 'percent',
      value: isFirst ? 50 : 25,
      amount: 0,
      due_date:
        isFirst && table === 'quotes' ? null : shiftDays(before?.due_date ?? format.today, isFirst ? 0 : 30),
      days_before: null,
    };
    setParts([...parts.slice(0, at), added, ...parts.slice(at)]);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // With amounts, which the screen shows until the database answers.
    const payment_schedule =
      parts.length === 1 && table === 'quotes'
        ? []
        : parts.map((part, index) => ({ ...part, amount: amounts[index] ?? 0 }));
    save.mutate(
      {
        id: document.id,
        version: document.version,
        changes: { payment_schedule: payment_schedule as never },
      },
      {
        onSuccess: () => {
          notifyDone(t('plan.saved'));
          onClose();
        },
      },
    );
  };
  const isLastOf = (index: number) => index === parts.length - 1;
  return (
    <Modal opened onClose={onClose} title={t('plan.editTitle')} size={820}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm" c="dimmed">
            {t(kept > 0 ? 'plan.textPaid' : 'plan.text', { amount: format.money(due) })}
          </Text>
          {parts.map((part, index) => {
            const isKept = index < kept;
            const name = `${t('plan.part')} ${index + 1}`;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts are told apart by their place in the plan
              <fieldset key={index} className={classes.part} disabled={isKept} aria-label={name}>
                <TextInput
                  label={t('plan.name')}
                  value={partLabel(t, part.label)}
                  maxLength={60}
                  required
                  onChange={(e) => change(index, { label: e.target.value })}
                />
                {isLastOf(index) ? (
                  <TextInput label={t('plan.share')} value={t('plan.rest')} readOnly />
                ) : (
                  <Share
                    part={part}
                    digits={format.digits}
                    scale={format.scale}
                    currency={format.currency}
                    onChange={(changes) => change(index, changes)}
                  />
                )}
                <DueInput
                  part={part}
                  choices={[
                    ...(index === 0 && table === 'quotes' ? (['acceptance'] as const) : []),
                    'date',
                    ...(document.hasEvent ? (['before'] as const) : []),
                  ]}
                  today={format.today}
                  usual={settings.balance_due_days}
                  onChange={(changes) => change(index, changes)}
                />
                <div className={classes.amount}>
                  <Text size="xs" c="dimmed">
                    {isKept ? t('option.paid') : t('plan.comesTo')}
                  </Text>
                  <strong>{format.money(amounts[index])}</strong>
                </div>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('plan.remove', { name })}
                  disabled={isKept || isLastOf(index)}
                  onClick={() => setParts(parts.filter((_, at) => at !== index))}
                >
                  <X size={16} />
                </ActionIcon>
              </fieldset>
            );
          })}
          <Group>
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<Plus size={14} />}
              onClick={addPart}
              disabled={parts.length >= 60}
            >
              {t('plan.add')}
            </Button>
            <Monthly
              first={parts[kept]?.due_date ?? format.today}
              onSplit={(first, count) =>
                setParts([
                  ...parts.slice(0, kept),
                  ...monthly(
                    first,
                    count,
                    (number) => t('plan.number', { number: kept + number }),
                    monthsAfter,
                  ),
                ])
              }
            />
          </Group>
          <FormError error={save.error} />
          <DialogActions label={t('save')} onCancel={onClose} isPending={save.isPending} />
        </Stack>
      </form>
    </Modal>
  );
}

/** Named as the database names it, so that each reader sees the word of their own language. */
function rest(days_before: number | null): Part {
  return { label: 'Balance', type: 'rest', value: null, amount: 0, due_date: null, days_before };
}
