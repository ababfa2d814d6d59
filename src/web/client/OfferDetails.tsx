import { Checkbox, Text, Title } from '@mantine/core';
import { CalendarClock } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '@/server/client/offer-schema';
import { FormError } from '../ui/FormError';
import { Panel } from '../ui/Panel';
import classes from './Client.module.css';
import { dayOf, fileOf, moneyOf, useExtras } from './offer';
import { LineText, type PageLine, PricedLine, Sums } from './Priced';

/** What the client is offered: when and where, packages with their photos, extras to tick, the price and when it is due. */
export function OfferDetails({ offer, token }: { offer: Offer; token: string }) {
  const { t } = useTranslation();
  const { quote } = offer;
  const money = moneyOf(offer.company, offer.quote);
  const isOpen = offer.status === 'viewed';
  const ordered = quote.lines.filter(({ extra }) => !extra || (extra.chosen && !isOpen));
  const extras = isOpen ? quote.lines.filter(({ extra }) => extra) : [];
  return (
    <>
      {offer.when.length > 0 && (
        <Panel title={quote.event?.title ?? t('client.when')} aside={<CalendarClock size={17} aria-hidden />}>
          {offer.when.map(([day, ...more]) => (
            <div key={[day, ...more].join()} className={classes.date}>
              <Text fw={600}>{day}</Text>
              {more.map((line) => (
                <Text key={line} size="sm">
                  {line}
                </Text>
              ))}
            </div>
          ))}
        </Panel>
      )}
      <Panel title={t('client.includes')}>
        {ordered.map((line, index) => (
          <PricedLine key={line.id ?? index} line={line} money={money}>
            <Photos line={line} offer={offer} token={token} />
          </PricedLine>
        ))}
        {extras.length > 0 && <Extras extras={extras} offer={offer} token={token} />}
        <Sums document={quote} money={money} />
        {Number(offer.deposit) > 0 && offer.status !== 'accepted' && (
          <Text fw={600} ta="end">
            {t('client.deposit', { amount: money(offer.deposit) })}
          </Text>
        )}
        <Plan offer={offer} />
        {quote.terms && (
          <Text size="sm" c="dimmed" mt="md" style={{ whiteSpace: 'pre-wrap' }}>
            {quote.terms}
          </Text>
        )}
      </Panel>
    </>
  );
}

/** The photos of a line's package. */
function Photos({ line, offer, token }: { line: PageLine; offer: Offer; token: string }) {
  const photos = (line.packageId && offer.photos[line.packageId]) || [];
  if (photos.length === 0) return null;
  return (
    <div className={classes.photos}>
      {photos.map((photo, index) => (
        <a key={photo.id} href={fileOf(token, photo.id)} target="_blank" rel="noreferrer">
          <img
            src={fileOf(token, photo.id, 640)}
            alt={photos.length > 1 ? `${line.name} (${index + 1})` : line.name}
            loading="lazy"
          />
        </a>
      ))}
    </div>
  );
}

/** Extras to tick. Total and deposit are computed by the server, and the choice survives a reload. */
function Extras({ extras, offer, token }: { extras: PageLine[]; offer: Offer; token: string }) {
  const { t } = useTranslation();
  const money = moneyOf(offer.company, offer.quote);
  const choose = useExtras(token);
  // A tick shows at once, also a second one beside a running request; the total follows with the server's answer.
  const [wanted, setWanted] = useState<string[]>();
  const ticked = wanted ?? extras.flatMap(({ id, extra }) => (id && extra?.chosen ? [id] : []));
  const toggle = (id: string) => {
    const lineIds = ticked.includes(id) ? ticked.filter((one) => one !== id) : [...ticked, id];
    setWanted(lineIds);
    // Called for the last of several requests only.
    choose.mutate(lineIds, { onSettled: () => setWanted(undefined) });
  };
  return (
    <section aria-label={t('client.extras')} className={classes.extras}>
      <Title order={3} fz={15}>
        {t('client.extras')}
      </Title>
      <Text size="sm" c="dimmed" mb={4}>
        {t('client.extrasText')}
      </Text>
      {extras.map((line) => (
        <div key={line.id} className={classes.extra}>
          <Checkbox
            size="md"
            checked={line.id !== undefined && ticked.includes(line.id)}
            onChange={() => line.id && toggle(line.id)}
            label={
              <span className={classes.extraLabel}>
                <span>
                  <LineText line={line} />
                </span>
                <span className="numeric">+{money(line.lineTotal)}</span>
              </span>
            }
          />
          <Photos line={line} offer={offer} token={token} />
        </div>
      ))}
      <FormError error={choose.error} />
    </section>
  );
}

/** What is due when. A deposit that is due on acceptance stands with the total. */
function Plan({ offer }: { offer: Offer }) {
  const { t } = useTranslation();
  const money = moneyOf(offer.company, offer.quote);
  const day = dayOf(offer);
  const parts = (offer.quote.schedule ?? []).filter(({ amount }) => amount !== 0);
  if (offer.status === 'accepted') return null;
  return parts.slice(Number(offer.deposit) > 0 ? 1 : 0).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a plan never change
    <Text key={index} size="sm" c="dimmed" ta="end">
      {part.dueDate
        ? t('client.laterOn', { amount: money(part.amount), date: day(part.dueDate) })
        : part.daysBefore === undefined
          ? t('client.later', { amount: money(part.amount) })
          : t('client.laterBefore', { amount: money(part.amount), count: part.daysBefore })}
    </Text>
  ));
}
