import { Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { CorrectBill, CostBill } from '@/server/operator/usage/bills';
import { FormError } from '../../ui/FormError';
import { Command } from '../parts/Command';
import { useOperatorChange } from '../queries';

/** Brings a bill to another amount, by an entry of the difference. */
export function CorrectBillDialog({ bill, onClose }: { bill: CostBill; onClose: () => void }) {
  const { t } = useTranslation();
  const { id, source, amount, currency } = bill;
  const form = useForm({ initialValues: { amount, note: '' } });
  const change = useOperatorChange<unknown, CorrectBill>(['cost'], { showsFailure: true });
  return (
    <Modal opened onClose={onClose} title={t('cost.correctTitle', { source })}>
      <form
        onSubmit={form.onSubmit((body) =>
          change.mutate({ path: `/cost/bills/${id}/correction`, body }, { onSuccess: onClose }),
        )}
      >
        <Stack>
          <Text size="sm">{t('cost.correctText')}</Text>
          <FormError error={change.error} />
          <TextInput
            required
            data-autofocus
            inputMode="decimal"
            label={`${t('cost.shouldBe')} (${currency})`}
            {...form.getInputProps('amount')}
          />
          <TextInput label={t('cost.why')} {...form.getInputProps('note')} />
          <Command
            text={`marquee cost bill correct ${id.slice(0, 8)} --amount ${form.values.amount || 'AMOUNT'}`}
          />
          <Button type="submit" loading={change.isPending}>
            {t('cost.correct')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
