import {
  Checkbox,
  Chip,
  Group,
  Modal,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import { useAddRentalOffer } from '../../hooks/company/setup';
import { useFormat } from '../../hooks/format';
import { DialogActions } from '../../ui/DialogActions';
import { NumberField } from '../../ui/NumberField';
import { notifyDone } from '../../ui/notify';
import { TYPICAL_OFFERS, type TypicalOffer, typicalPrice } from './typical-offers';

interface PackageDraft {
  taken: boolean;
  name: string;
  hours: number;
  /** Minor units; undefined until entered. */
  price: number | undefined;
  extraHour: number | undefined;
  /** One a line. */
  includes: string;
}

/** The first kind of booth with its booths and packages, in one step. Typical packages are proposed and can be edited. */
export function BoothStep({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { currency, scale } = useFormat();
  const add = useAddRentalOffer();
  const draftsOf = ({ kind, packages, extraHour, includes }: TypicalOffer): PackageDraft[] =>
    packages.map(({ hours, price }) => ({
      taken: true,
      name: t('setup.booth.packageName', { kind: t(`setup.booth.kinds.${kind}`), count: hours }),
      hours,
      price: typicalPrice(price, currency, scale),
      extraHour: typicalPrice(extraHour, currency, scale),
      includes: includes.map((one) => t(`setup.booth.includes.${one}`)).join('\n'),
    }));
  const [offer, setOffer] = useState(TYPICAL_OFFERS[0] as TypicalOffer);
  const [typeName, setTypeName] = useState(t(`setup.booth.kinds.${offer.kind}`));
  const [boothName, setBoothName] = useState(t('setup.booth.firstName'));
  const [count, setCount] = useState(1);
  const [packages, setPackages] = useState(() => draftsOf(offer));
  const choose = (kind: string) => {
    const chosen = TYPICAL_OFFERS.find((one) => one.kind === kind) ?? offer;
    setOffer(chosen);
    setTypeName(t(`setup.booth.kinds.${chosen.kind}`));
    setPackages(draftsOf(chosen));
  };
  const change = (index: number, changes: Partial<PackageDraft>) =>
    setPackages(packages.map((one, at) => (at === index ? { ...one, ...changes } : one)));
  const taken = packages.filter((one) => one.taken);
  const isReady =
    typeName.trim() &&
    boothName.trim() &&
    taken.every(({ name, price }) => name.trim() && price !== undefined);
  const save = () => {
    const names = Array.from({ length: count }, (_, index) =>
      count > 1 ? `${boothName} ${index + 1}` : boothName,
    );
    const given = taken.map(({ name, hours, price, extraHour, includes }) => ({
      name,
      base_price: price ?? 0,
      duration_hours: hours,
      extra_hour_price: extraHour ?? null,
      includes: includes
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    }));
    add.mutate(
      { booth_type: { name: typeName, crew_needed: offer.crew }, booths: names, packages: given },
      {
        onSuccess: () => {
          notifyDone(t('setup.booth.added'));
          onClose();
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title={t('setup.booth.title')} size="xl">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack>
          <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
            <Text component="legend" size="sm" fw={500} mb={6}>
              {t('setup.booth.kind')}
            </Text>
            <Chip.Group value={offer.kind} onChange={(kind) => choose(String(kind))}>
              <Group gap="xs">
                {TYPICAL_OFFERS.map(({ kind }) => (
                  <Chip key={kind} value={kind}>
                    {t(`setup.booth.kinds.${kind}`)}
                  </Chip>
                ))}
              </Group>
            </Chip.Group>
          </fieldset>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <TextInput
              label={t('setup.booth.typeName')}
              value={typeName}
              onChange={(event) => setTypeName(event.target.value)}
              required
            />
            <TextInput
              label={t('setup.booth.boothName')}
              value={boothName}
              onChange={(event) => setBoothName(event.target.value)}
              required
            />
            <NumberField
              label={t('setup.booth.count')}
              value={count}
              min={1}
              max={50}
              allowDecimal={false}
              onChange={(value) => setCount(Math.max(1, Number(value)))}
            />
          </SimpleGrid>
          <div>
            <Text size="sm" fw={500}>
              {t('setup.booth.packages')}
            </Text>
            <Text size="sm" c="dimmed">
              {t('setup.booth.packagesText')}
            </Text>
          </div>
          {packages.map((draft, index) => (
            <PackageFields
              // biome-ignore lint/suspicious/noArrayIndexKey: the rows neither move nor go
              key={index}
              draft={draft}
              onChange={(changes) => change(index, changes)}
            />
          ))}
          <DialogActions
            label={t('save')}
            onCancel={onClose}
            isPending={add.isPending}
            isDisabled={!isReady}
          />
        </Stack>
      </form>
    </Modal>
  );
}

function PackageFields({
  draft,
  onChange,
}: {
  draft: PackageDraft;
  onChange: (changes: Partial<PackageDraft>) => void;
}) {
  const { t } = useTranslation();
  const { currency, scale, digits } = useFormat();
  const money = { min: 0, hideControls: true, decimalScale: digits, suffix: ` ${currency}` };
  const amount = (value: string | number) => (value === '' ? undefined : roundMoney(value, 'half_up', scale));
  const { taken, name, hours, price, extraHour, includes } = draft;
  return (
    <Paper withBorder p="sm" component="section" aria-label={name}>
      <Stack gap="xs">
        <Checkbox
          label={name}
          checked={taken}
          onChange={(event) => onChange({ taken: event.target.checked })}
        />
        {taken && (
          <>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
              <TextInput
                label={t('field.name')}
                value={name}
                onChange={(event) => onChange({ name: event.target.value })}
                required
              />
              <SimpleGrid cols={3} spacing="xs">
                <NumberField
                  hideControls
                  label={t('setup.booth.hours')}
                  value={hours}
                  min={0.5}
                  max={48}
                  onChange={(value) => onChange({ hours: Number(value) || hours })}
                />
                <NumberField
                  {...money}
                  label={t('setup.booth.price')}
                  value={price === undefined ? '' : price / scale}
                  onChange={(value) => onChange({ price: amount(value) })}
                  required
                />
                <NumberField
                  {...money}
                  label={t('setup.booth.extraHour')}
                  value={extraHour === undefined ? '' : extraHour / scale}
                  onChange={(value) => onChange({ extraHour: amount(value) })}
                />
              </SimpleGrid>
            </SimpleGrid>
            <Textarea
              label={t('setup.booth.included')}
              description={t('setup.booth.includedText')}
              value={includes}
              autosize
              minRows={2}
              onChange={(event) => onChange({ includes: event.target.value })}
            />
          </>
        )}
      </Stack>
    </Paper>
  );
}
