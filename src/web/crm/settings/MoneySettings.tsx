import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Settings, useSaveSetting, useSettings } from '../../hooks/settings';
import { notifyDone } from '../../ui/notify';
import { Lines, Panel } from '../../ui/Panel';

const CURRENCIES = Intl.supportedValuesOf('currency');

/** Currency, tax, deposit, holds. */
export function MoneySettings() {
  const { t } = useTranslation();
  const { settings, isPending } = useSettings();
  return (
    <Panel title={t('settings.money.title')}>
      {isPending ? <Lines /> : <MoneyForm key={JSON.stringify(settings)} settings={settings} />}
    </Panel>
  );
}

function MoneyForm({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const [currency, setCurrency] = useState(settings.currency);
  const [tax, setTax] = useState(settings.tax);
  const [deposit, setDeposit] = useState(settings.deposit);
  const [hold, setHold] = useState(settings.hold);
  const savers = {
    currency: useSaveSetting('currency'),
    tax: useSaveSetting('tax'),
    deposit: useSaveSetting('deposit'),
    hold: useSaveSetting('hold'),
  };
  const save = async () => {
    if (currency !== settings.currency) await savers.currency.mutateAsync(currency);
    await savers.tax.mutateAsync(tax);
    await savers.deposit.mutateAsync(deposit);
    await savers.hold.mutateAsync(hold);
    notifyDone(t('saved'));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // Failures are shown by the mutations themselves.
        save().catch(() => {});
      }}
    >
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('settings.money.currency')}
            searchable
            allowDeselect={false}
            limit={40}
            value={currency}
            data={CURRENCIES}
            onChange={(code) => setCurrency(code ?? currency)}
          />
          <div />
          <TextInput
            label={t('settings.money.taxName')}
            value={tax.name}
            onChange={(e) => setTax({ ...tax, name: e.target.value })}
          />
          <NumberInput
            label={t('settings.money.taxRate')}
            value={Math.round(tax.rate * 1_000_000) / 10_000}
            suffix=" %"
            min={0}
            max={100}
            decimalScale={4}
            onChange={(percent) => setTax({ ...tax, rate: Number(percent) / 100 })}
          />
          <Select
            label={t('settings.money.deposit')}
            allowDeselect={false}
            value={deposit.type}
            data={(['none', 'percent', 'amount'] as const).map((value) => ({
              value,
              label: t(`option.${value}`),
            }))}
            onChange={(type) => setDeposit({ type: (type ?? 'none') as typeof deposit.type, value: 0 })}
          />
          {deposit.type !== 'none' && (
            <NumberInput
              label={t('settings.money.depositValue')}
              value={deposit.value}
              min={0}
              suffix={deposit.type === 'percent' ? ' %' : ''}
              onChange={(value) => setDeposit({ ...deposit, value: Number(value) })}
            />
          )}
          <NumberInput
            label={t('settings.money.hold')}
            value={hold.expires_after_hours}
            min={1}
            onChange={(hours) => setHold({ expires_after_hours: Number(hours) })}
          />
        </SimpleGrid>
        <Switch
          label={t('settings.money.inclusive')}
          checked={tax.prices_include_tax}
          onChange={(e) => setTax({ ...tax, prices_include_tax: e.target.checked })}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={Object.values(savers).some((saver) => saver.isPending)}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
