import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { FormError } from '../../ui/FormError';
import { useOperatorChange } from '../queries';

/** Enters a provider's bill. A negative one is a credit, or a correction. */
export function AddBill({ month, onClose }: { month: string; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { source: '', month, amount: '', currency: 'USD', note: '' } });
  const { mutate, isPending, error } = useOperatorChange(['cost'], { showsFailure: true });
  return (
    <Modal opened onClose={onClose} title={t('cost.addBill')}>
      <form onSubmit={form.onSubmit((body) => mutate({ path: '/cost/bills', body }, { onSuccess: onClose }))}>
        <Stack>
          <FormError error={error} />
          <TextInput
            required
            data-autofocus
            label={t('cost.source')}
            description={t('cost.sourceHint')}
            {...form.getInputProps('source')}
          />
          <TextInput required type="month" label={t('cost.month')} {...form.getInputProps('month')} />
          <Group grow>
            <TextInput
              required
              inputMode="decimal"
              label={t('cost.amount')}
              {...form.getInputProps('amount')}
            />
            <TextInput
              required
              maxLength={3}
              label={t('cost.currency')}
              {...form.getInputProps('currency')}
            />
          </Group>
          <TextInput label={t('cost.note')} {...form.getInputProps('note')} />
          <Button type="submit" loading={isPending}>
            {t('cost.save')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
