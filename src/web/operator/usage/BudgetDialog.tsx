import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TenantBudget, TenantCosts } from '@/server/operator/usage/tenant-cost';
import { FormError } from '../../ui/FormError';
import { useOperatorChange } from '../queries';

/** Sets, changes or removes what a tenant may cost in a month. */
export function BudgetDialog({
  tenant: { name, subdomain },
  budget,
  onClose,
}: {
  tenant: { name: string; subdomain: string };
  budget: TenantCosts['budget'];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  // As it was when the dialog was opened: another operator may change it meanwhile.
  const [was] = useState(budget);
  const { amount = '', currency = 'USD' } = was ?? {};
  const expected = was && { amount, currency };
  const form = useForm<TenantBudget>({ initialValues: { amount, currency } });
  const change = useOperatorChange<unknown, TenantBudget>(['cost'], { showsFailure: true });
  const path = `/cost/tenants/${subdomain}/budget`;
  const done = { onSuccess: onClose };
  return (
    <Modal opened onClose={onClose} title={t('usage.budgetTitle', { name })}>
      <form
        onSubmit={form.onSubmit((body) =>
          change.mutate({ method: 'PUT', path, body: { ...body, expected } }, done),
        )}
      >
        <Stack>
          <Text size="sm">{t('usage.budgetText')}</Text>
          <FormError error={change.error} />
          <Group grow>
            <TextInput
              required
              data-autofocus
              inputMode="decimal"
              label={t('usage.amount')}
              {...form.getInputProps('amount')}
            />
            <TextInput
              required
              maxLength={3}
              label={t('usage.currency')}
              {...form.getInputProps('currency')}
            />
          </Group>
          <Group justify="flex-end">
            {was && (
              <Button
                color="red"
                variant="subtle"
                loading={change.isPending}
                onClick={() =>
                  change.mutate(
                    { method: 'DELETE', path: `${path}?${new URLSearchParams({ amount, currency })}` },
                    done,
                  )
                }
              >
                {t('usage.removeBudget')}
              </Button>
            )}
            <Button type="submit" loading={change.isPending}>
              {t('usage.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
