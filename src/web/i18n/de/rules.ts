/**
 * What the database's rules say when they refuse, English to German. `%s` stands for a value, in the same order in both; `%%` for a
 * percent sign.
 */
export const rules: Readonly<Record<string, string>> = {
  '%s are booked, so their tracking cannot change now.':
    '%s sind gebucht, deshalb lässt sich die Art der Zählung jetzt nicht ändern.',
  '%s belongs to the kit of %s.': '%s gehört zur Ausstattung von %s.',
  '%s cannot be found by name.': '%s lässt sich nicht nach dem Namen finden.',
  '%s deals are in the stage %s.': '%s Chancen sind in der Phase %s.',
  '%s does not belong to this booth.': '%s gehört nicht zu dieser Fotobox.',
  '%s does not exist on %s in %s: the clocks skip it.':
    '%s gibt es am %s in %s nicht: Die Uhr wird umgestellt.',
  '%s has prices in %s, so its currency cannot change.':
    '%s hat Preise in %s, deshalb lässt sich die Währung nicht ändern.',
  '%s is %s.': '%s: %s.',
  '%s is checked out: check it in, or undo the check-out, first.':
    '%s ist ausgegeben: Nehmen Sie es zuerst zurück, oder machen Sie die Ausgabe rückgängig.',
  '%s is not available: %s.': '%s ist nicht verfügbar: %s.',
  '%s is taken from %s (%s).': '%s ist belegt: %s (%s).',
  '%s of %s are booked at the same time.': '%s von %s sind zur selben Zeit gebucht.',
  '%s: %s of %s are free then, and %s are needed.': '%s: Dann sind %s von %s frei, und %s werden gebraucht.',
  'A %s cannot be set to %s by hand.': '%s lässt sich nicht von Hand auf %s setzen.',
  'A canceled payment stays canceled.': 'Eine stornierte Zahlung bleibt storniert.',
  'A date needs event_date, start_time and end_time.': 'Ein Termin braucht Datum, Beginn und Ende.',
  'A hold ends in the future.': 'Eine Vormerkung endet in der Zukunft.',
  'A kind of notice is a word such as quote_accepted.':
    'Die Art einer Meldung ist ein Wort wie quote_accepted.',
  'A line cannot be moved to another deal.':
    'Eine Position lässt sich nicht in eine andere Chance verschieben.',
  'A line cannot be moved to another document.':
    'Eine Position lässt sich nicht in ein anderes Dokument verschieben.',
  'A new contract is a draft or sent.': 'Ein neuer Vertrag ist ein Entwurf oder gesendet.',
  'A new invoice is a draft or sent.': 'Eine neue Rechnung ist ein Entwurf oder gesendet.',
  'A payment of a payment provider is recorded by the provider’s report only.':
    'Eine Zahlung über einen Zahlungsdienst wird nur durch dessen Meldung gebucht.',
  'A payment of a payment provider is updated by the provider’s report only.':
    'Eine Zahlung über einen Zahlungsdienst ändert sich nur durch dessen Meldung.',
  'A payment plan has at most 60 parts, not %s.': 'Ein Zahlungsplan hat höchstens 60 Teile, nicht %s.',
  'A payment plan is a list of parts.': 'Ein Zahlungsplan ist eine Liste von Teilen.',
  'A payment that succeeded can only be refunded.':
    'Eine erfolgreiche Zahlung lässt sich nur noch erstatten.',
  'A payment that was received no longer changes.': 'Eine eingegangene Zahlung ändert sich nicht mehr.',
  'A quote that was sent cannot become a draft again.':
    'Ein gesendetes Angebot kann nicht wieder zum Entwurf werden.',
  'A recorded payment cannot be changed.': 'Eine gebuchte Zahlung lässt sich nicht ändern.',
  'A refund must name a payment on the same invoice.':
    'Eine Erstattung bezieht sich auf eine Zahlung derselben Rechnung.',
  'A report covers at most ten years.': 'Ein Bericht umfasst höchstens zehn Jahre.',
  'A signature needs a name, the signature itself and the consent.':
    'Eine Unterschrift braucht den Namen, die Unterschrift selbst und die Zustimmung.',
  'Accounts and contacts can be merged.': 'Zusammenführen lassen sich Kunden und Kontakte.',
  'An inquiry has an id and a name.': 'Eine Anfrage hat eine Kennung und einen Namen.',
  'Choose a person.': 'Wählen Sie eine Person.',
  'Choose another stage for its deals.': 'Wählen Sie eine andere Phase für diese Chancen.',
  'Choose one to twenty other %s to merge into this one.':
    'Wählen Sie einen bis zwanzig weitere Einträge (%s) zum Zusammenführen.',
  'Contract %s has expired.': 'Vertrag %s ist abgelaufen.',
  'Contract %s is %s.': 'Vertrag %s: %s.',
  'Contract %s is %s; only a sent contract can be signed.':
    'Vertrag %s: %s. Nur ein gesendeter Vertrag lässt sich unterschreiben.',
  'Contract %s is already signed.': 'Vertrag %s ist schon unterschrieben.',
  'Contract %s is signed and can no longer be changed.':
    'Vertrag %s ist unterschrieben und lässt sich nicht mehr ändern.',
  'Contract %s was sent, so its text can no longer be changed.':
    'Vertrag %s wurde gesendet, deshalb lässt sich der Text nicht mehr ändern.',
  'Deals need a pipeline.': 'Chancen brauchen eine Pipeline.',
  'Enter the name of the person who accepts the quote.':
    'Geben Sie den Namen der Person ein, die das Angebot annimmt.',
  'Enter why the payment is corrected.': 'Geben Sie an, warum die Zahlung berichtigt wird.',
  'Give 1 to 31 dates.': 'Geben Sie 1 bis 31 Termine an.',
  'Invoice %s is void.': 'Rechnung %s ist storniert.',
  'Invoice %s was sent and can no longer be changed.':
    'Rechnung %s wurde gesendet und lässt sich nicht mehr ändern.',
  'Invoice %s was sent and cannot become a draft again.':
    'Rechnung %s wurde gesendet und kann nicht wieder zum Entwurf werden.',
  'It is %s, not checked out.': 'Nicht ausgegeben, sondern: %s.',
  'It is %s: only what is checked out can be checked in.':
    'Zustand: %s. Zurücknehmen lässt sich nur, was ausgegeben ist.',
  'It is %s: only what is reserved can be checked out.':
    'Zustand: %s. Ausgeben lässt sich nur, was reserviert ist.',
  'Name the table of a record.': 'Nennen Sie die Tabelle eines Datensatzes.',
  'Name a booth or a booth type, not both.': 'Nennen Sie eine Fotobox oder eine Art, nicht beides.',
  'No %s is free on %s.': '%s: Am %s ist keine frei.',
  'Nothing is reserved for this event yet.': 'Für diese Veranstaltung ist noch nichts reserviert.',
  'Nothing of this payment is left: it was refunded or taken back.':
    'Von dieser Zahlung ist nichts übrig: Sie wurde erstattet oder zurückgenommen.',
  'One of these %s no longer exists.': 'Einen dieser Einträge (%s) gibt es nicht mehr.',
  'Only a credit is taken back as a credit.': 'Nur eine Gutschrift lässt sich als Gutschrift zurücknehmen.',
  'Only a payment that was received is corrected.': 'Nur eine eingegangene Zahlung lässt sich berichtigen.',
  'Only drafts can be deleted; this document is %s.':
    'Nur Entwürfe lassen sich löschen; dieses Dokument: %s.',
  'Only an issued invoice has a link.': 'Nur eine ausgestellte Rechnung hat einen Link.',
  'Part %s of the payment plan %s.': 'Teil %s des Zahlungsplans: %s.',
  'Quantities in a kit are whole numbers, not %s.': 'Mengen einer Ausstattung sind ganze Zahlen, nicht %s.',
  'Quote %s has changed since it was sent.': 'Angebot %s hat sich seit dem Senden geändert.',
  'Quote %s is %s and cannot be accepted.': 'Angebot %s: %s. Es lässt sich nicht annehmen.',
  'Quote %s is %s, so its discount can no longer be changed.':
    'Angebot %s: %s. Der Rabatt lässt sich nicht mehr ändern.',
  'Quote %s is %s.': 'Angebot %s: %s.',
  'Quote %s is %s; only an accepted one becomes an invoice.':
    'Angebot %s: %s. Nur aus einem angenommenen wird eine Rechnung.',
  'Quote %s is already %s.': 'Angebot %s ist schon: %s.',
  'Quote %s of this deal was accepted.': 'Angebot %s dieser Chance wurde angenommen.',
  'Quote %s was accepted.': 'Angebot %s wurde angenommen.',
  'Quote %s was replaced by a newer one.': 'Angebot %s wurde durch ein neueres ersetzt.',
  'Quote %s was sent and can no longer be changed.':
    'Angebot %s wurde gesendet und lässt sich nicht mehr ändern.',
  'Quote %s was valid until %s.': 'Angebot %s war gültig bis %s.',
  'Reports are by day, week or month.': 'Berichte sind nach Tag, Woche oder Monat.',
  'Send the invoice first.': 'Senden Sie zuerst die Rechnung.',
  'The contract belongs to another deal.': 'Der Vertrag gehört zu einer anderen Chance.',
  'The contract “%s” has no text, so there is nothing to sign.':
    'Der Vertrag „%s“ hat keinen Text, also gibt es nichts zu unterschreiben.',
  'The date belongs to another event.': 'Der Termin gehört zu einer anderen Veranstaltung.',
  'The date cannot move: %s of its bookings conflict then.':
    'Der Termin lässt sich nicht verschieben: %s seiner Buchungen stehen dann im Konflikt.',
  'The date cannot move: one of its bookings has just been taken.':
    'Der Termin lässt sich nicht verschieben: Eine seiner Buchungen wurde gerade vergeben.',
  'The date is canceled.': 'Der Termin ist abgesagt.',
  'The event is canceled.': 'Die Veranstaltung ist abgesagt.',
  'The date of the payment is in the future.': 'Das Datum der Zahlung liegt in der Zukunft.',
  'The deal has become an event, so it stays won.':
    'Aus der Chance wurde eine Veranstaltung, deshalb bleibt sie gewonnen.',
  'The deal has become an event.': 'Aus der Chance wurde eine Veranstaltung.',
  'The deal has neither an account nor a contact.': 'Die Chance hat weder Kunden noch Kontakt.',
  'The deal has no date.': 'Die Chance hat keinen Termin.',
  'The deal is closed.': 'Die Chance ist abgeschlossen.',
  'The deal names no booth yet.': 'Die Chance nennt noch keine Fotobox.',
  'The deal no longer has a date.': 'Die Chance hat keinen Termin mehr.',
  'The discount of the quote is %s %%; your limit is %s %%.':
    'Der Rabatt des Angebots ist %s %%; Ihre Grenze ist %s %%.',
  'The discounts are larger than the total they apply to.':
    'Die Rabatte sind größer als der Betrag, von dem sie abgehen.',
  'The end is before the arrival.': 'Das Ende liegt vor der Ankunft.',
  'The event has no date yet.': 'Die Veranstaltung hat noch keinen Termin.',
  'The first day is too far from today.': 'Der erste Tag ist zu weit von heute entfernt.',
  'The inquiry form is switched off.': 'Das Anfrageformular ist ausgeschaltet.',
  'The invoice has no line, so there is nothing to pay.':
    'Die Rechnung hat keine Position, also gibt es nichts zu zahlen.',
  'The invoice is %s: nothing can be paid on it.': 'Die Rechnung: %s. Darauf lässt sich nichts zahlen.',
  'The invoice is in %s, the payment in %s.': 'Die Rechnung ist in %s, die Zahlung in %s.',
  'The key of a setting cannot change.': 'Der Schlüssel einer Einstellung lässt sich nicht ändern.',
  'The last day is before the first.': 'Der letzte Tag liegt vor dem ersten.',
  'The lead is converted and stays so.': 'Die Anfrage ist umgewandelt und bleibt es.',
  'The lead was lost.': 'Die Anfrage ist verloren.',
  'The message was sent and can no longer be changed.':
    'Die Nachricht wurde gesendet und lässt sich nicht mehr ändern.',
  'The note is too long.': 'Die Notiz ist zu lang.',
  'The parts of the payment plan add up to %s %%.': 'Die Teile des Zahlungsplans ergeben %s %%.',
  'The parts of the payment plan add up to %s; the total is %s.':
    'Die Teile des Zahlungsplans ergeben %s; die Summe ist %s.',
  'The payment is %s, so there is nothing to refund.': 'Die Zahlung: %s. Es gibt nichts zu erstatten.',
  'The payment is more than the invoice’s balance.': 'Die Zahlung ist größer als der offene Betrag.',
  'The period ends before it begins.': 'Der Zeitraum endet vor seinem Beginn.',
  'The quote has no account to send the invoice to.':
    'Das Angebot hat keinen Kunden, an den die Rechnung geht.',
  'The quote has no line, so there is nothing to accept.':
    'Das Angebot hat keine Position, also gibt es nichts anzunehmen.',
  'The reason is vacation, sick or other.': 'Der Grund ist Urlaub, krank oder anderes.',
  'The refund is more than was paid.': 'Die Erstattung ist größer als das Gezahlte.',
  'The setting %s is not valid: %s.': 'Die Einstellung %s ist nicht gültig: %s.',
  'The setting max_discount_percent is not valid: it is a number from 0 to 100.':
    'Der höchste Rabatt ist eine Zahl von 0 bis 100.',
  'The template has {{ without }} or }} without {{.': 'Die Vorlage hat {{ ohne }} oder }} ohne {{.',
  'The template uses %s, which does not exist.': 'Die Vorlage verwendet %s; das gibt es nicht.',
  'The total of the lines is too large.': 'Die Summe der Positionen ist zu groß.',
  'The total of “%s” is too large.': 'Die Summe von „%s“ ist zu groß.',
  'There are no sample records of %s.': 'Es gibt keine Beispieleinträge von %s.',
  'There are only %s of %s, not %s.': 'Es gibt nur %s von %s, nicht %s.',
  'There is already time off from %s to %s.': 'Von %s bis %s ist schon Abwesenheit eingetragen.',
  'There is no %s with this id.': 'Diesen Eintrag (%s) gibt es nicht.',
  'There is no contract with this id.': 'Diesen Vertrag gibt es nicht.',
  'There is no date with this id.': 'Diesen Termin gibt es nicht.',
  'There is no equipment type %s.': 'Die Geräteart %s gibt es nicht.',
  'There is no event date with this id.': 'Diesen Termin gibt es nicht.',
  'There is no event with this id.': 'Diese Veranstaltung gibt es nicht.',
  'The row has no date, so no booth is reserved.':
    'Die Zeile hat kein Datum, daher ist keine Fotobox reserviert.',
  'There is no start time, so the booth is reserved for the whole day.':
    'Es gibt keine Anfangszeit, daher ist die Fotobox für den ganzen Tag reserviert.',
  'Events of more than %s days come in without dates.':
    'Veranstaltungen von mehr als %s Tagen kommen ohne Termine herein.',
  'The event is tentative: nothing is reserved for it yet.':
    'Die Veranstaltung ist vorläufig: Noch ist nichts dafür reserviert.',
  'The event keeps its dates and bookings: change them on its page.':
    'Die Veranstaltung behält ihre Termine und Buchungen: Ändern Sie sie auf ihrer Seite.',
  'There is no booth or booth type “%s”.': 'Eine Fotobox oder Fotobox-Art „%s“ gibt es nicht.',
  '%s is overbooked on %s.': '%s ist am %s überbucht.',
  '“%s” is not a time of day.': '„%s“ ist keine Uhrzeit.',
  '“%s” is not a date that exists.': 'Das Datum „%s“ gibt es nicht.',
  '“%s” is not a whole number.': '„%s“ ist keine ganze Zahl.',
  '“%s” is not an amount of money.': '„%s“ ist kein Geldbetrag.',
  '“%s” is neither yes nor no.': '„%s“ ist weder Ja noch Nein.',
  'The event is not postponed.': 'Die Veranstaltung ist nicht verschoben.',
  'Move its date instead.': 'Ändern Sie stattdessen ihren Termin.',
  'The event had no date.': 'Die Veranstaltung hatte keinen Termin.',
  'Add a date.': 'Legen Sie einen Termin an.',
  'The event has no invoice with this id.': 'Diese Rechnung hat die Veranstaltung nicht.',
  'An invoice is voided or credited.': 'Eine Rechnung wird storniert oder gutgeschrieben.',
  'There is no invoice with this id.': 'Diese Rechnung gibt es nicht.',
  'There is no kind of record called %s.': 'Die Art von Eintrag %s gibt es nicht.',
  'There is no lead with this id.': 'Diese Anfrage gibt es nicht.',
  'There is no opportunity with this id.': 'Diese Chance gibt es nicht.',
  'There is no package with this id.': 'Dieses Paket gibt es nicht.',
  'There is no payment with this id.': 'Diese Zahlung gibt es nicht.',
  'There is no quote with this id.': 'Dieses Angebot gibt es nicht.',
  'There is no stage %s in the pipeline.': 'Die Phase %s gibt es in der Pipeline nicht.',
  'There is no such assignment, or it is not part of one of your events.':
    'Diesen Einsatz gibt es nicht, oder er gehört nicht zu Ihren Veranstaltungen.',
  'There is no such time off, or you may not remove it.':
    'Diese Abwesenheit gibt es nicht, oder Sie dürfen sie nicht entfernen.',
  'There is no time zone %s.': 'Die Zeitzone %s gibt es nicht.',
  'These columns record a merge and cannot be set by hand.':
    'Diese Angaben entstehen beim Zusammenführen und lassen sich nicht von Hand setzen.',
  'This %s has files.': 'Dieser Eintrag (%s) hat Dateien.',
  'This %s was sent, so its line items can no longer be changed.':
    'Dieses Dokument (%s) wurde gesendet, deshalb lassen sich die Positionen nicht mehr ändern.',
  'This date no longer exists.': 'Diesen Termin gibt es nicht mehr.',
  'This form was sent before.': 'Dieses Formular wurde schon gesendet.',
  'This invoice has payments.': 'Diese Rechnung hat Zahlungen.',
  'This is the only %s stage, and a pipeline needs one.':
    'Das ist die einzige Phase der Art %s, und eine Pipeline braucht eine.',
  'This note was written by another user.': 'Diese Notiz hat jemand anderes geschrieben.',
  'This payment came through a payment provider, so it was really made.':
    'Diese Zahlung kam über einen Zahlungsdienst und wurde wirklich geleistet.',
  'This person already works from %s (%s).': 'Diese Person arbeitet schon: %s (%s).',
  'This person does not work for your company, or no longer does.':
    'Diese Person arbeitet nicht oder nicht mehr für Ihre Firma.',
  'This person has accepted shifts in this time: %s.':
    'Diese Person hat in dieser Zeit Einsätze angenommen: %s.',
  'This person has time off from %s to %s.': 'Diese Person ist von %s bis %s abwesend.',
  'Time off is at most a year.': 'Eine Abwesenheit dauert höchstens ein Jahr.',
  'You can only enter time off for yourself.': 'Sie können nur für sich selbst Abwesenheit eintragen.',
  'You may accept or decline an assignment, and report hours and miles.':
    'Sie können einen Einsatz annehmen oder ablehnen und Stunden und Meilen melden.',
  'Your role (%s) may not do this.': 'Ihre Rolle (%s) erlaubt das nicht.',
  '`chosen` names columns that %s do not have.': 'Die Auswahl nennt Felder, die es in %s nicht gibt.',
  '`missing` and `damaged` are lists of ids of the booth’s equipment.':
    'Fehlendes und Beschädigtes sind Listen von Geräten der Fotobox.',
  '“%s” is not an email address.': '„%s“ ist keine E-Mail-Adresse.',
  '“%s” is paid, so this part of the payment plan no longer changes.':
    '„%s“ ist bezahlt, deshalb ändert sich dieser Teil des Zahlungsplans nicht mehr.',

  '%s cannot be found by %s.': '%s lässt sich nicht nach %s finden.',
  '%s cannot be imported.': '%s lässt sich nicht importieren.',
  'It was restored before, or deleted for good.':
    'Der Eintrag wurde schon wiederhergestellt oder endgültig gelöscht.',
  'Quote %s has changed since it was shown.': 'Angebot %s hat sich geändert, seit es gezeigt wurde.',
  'The record no longer exists.': 'Diesen Eintrag gibt es nicht mehr.',
  'The record no longer exists, or your role may not delete it.':
    'Diesen Eintrag gibt es nicht mehr, oder Ihre Rolle darf ihn nicht löschen.',
  'The record that the others were merged into was deleted or merged itself.':
    'Der Eintrag, in den zusammengeführt wurde, ist gelöscht oder selbst zusammengeführt.',
  '“%s” cannot be restored before what it belongs to.':
    '„%s“ lässt sich nicht vor dem wiederherstellen, wozu es gehört.',
  '“%s” was approved.': '„%s“ wurde freigegeben.',

  // What to do next.
  'The company has closed this request.': 'Die Firma hat diese Anfrage geschlossen.',
  'Ask the company if you would still like to book.':
    'Fragen Sie die Firma, wenn Sie weiterhin buchen möchten.',
  'The event was canceled, so its designs are no longer answered.':
    'Die Veranstaltung wurde abgesagt; Entwürfe werden nicht mehr beantwortet.',
  'Ask the company to open it again.': 'Bitten Sie die Firma, es wieder zu öffnen.',
  'Change the record that has its number or name now.':
    'Ändern Sie den Eintrag, der jetzt seine Nummer oder seinen Namen hat.',
  'Enter your name.': 'Geben Sie Ihren Namen ein.',
  'Load the page again.': 'Laden Sie die Seite neu.',
  'Restore it first.': 'Stellen Sie ihn zuerst wieder her.',
  'Set the event back to tentative first.': 'Setzen Sie die Veranstaltung zuerst wieder auf vorläufig.',
  'Restore the client or record that it belongs to first.':
    'Stellen Sie zuerst den Kunden oder Eintrag wieder her, zu dem es gehört.',
  'Add a line to the draft, then send it.':
    'Fügen Sie dem Entwurf eine Position hinzu und senden Sie ihn dann.',
  'Add your own note.': 'Schreiben Sie eine eigene Notiz.',
  'Ask a manager to approve the discount, or lower it.':
    'Lassen Sie den Rabatt von einer Leitung genehmigen, oder senken Sie ihn.',
  'Ask a manager.': 'Fragen Sie eine Leitung.',
  'Ask a user with the role %s.': 'Fragen Sie jemanden mit der Rolle %s.',
  'Ask for a new one.': 'Bitten Sie um einen neuen.',
  'Ask the company to send it again, and accept that one.':
    'Bitten Sie die Firma, es erneut zu senden, und nehmen Sie dieses an.',
  'Ask the company to send the quote again.': 'Bitten Sie die Firma, das Angebot erneut zu senden.',
  'At most %s can be refunded.': 'Höchstens %s lassen sich erstatten.',
  'Cancel one that is pending.': 'Stornieren Sie eine, die noch aussteht.',
  'Cancel the event instead.': 'Sagen Sie stattdessen die Veranstaltung ab.',
  'Change its stages instead.': 'Ändern Sie stattdessen ihre Phasen.',
  'Change the parts that are not paid yet.': 'Ändern Sie die Teile, die noch nicht bezahlt sind.',
  'Check the quantities and the prices.': 'Prüfen Sie Mengen und Preise.',
  'Check the quantity and the price.': 'Prüfen Sie Menge und Preis.',
  'Check the year.': 'Prüfen Sie das Jahr.',
  'Choose a booth or a booth type to hold.': 'Wählen Sie eine Fotobox oder eine Art zum Vormerken.',
  'Choose a last day that is the first day or later.':
    'Wählen Sie als letzten Tag den ersten oder einen späteren.',
  'Choose a later day.': 'Wählen Sie einen späteren Tag.',
  'Choose a shorter period.': 'Wählen Sie einen kürzeren Zeitraum.',
  'Choose a time before or after the change.': 'Wählen Sie eine Zeit vor oder nach der Umstellung.',
  'Choose an account on the deal.': 'Wählen Sie in der Chance einen Kunden.',
  'Choose another booth or another time.': 'Wählen Sie eine andere Fotobox oder eine andere Zeit.',
  'Choose another date or another booth.': 'Wählen Sie einen anderen Termin oder eine andere Fotobox.',
  'Choose another item or another time.': 'Wählen Sie ein anderes Gerät oder eine andere Zeit.',
  'Choose another person, or change the times.': 'Wählen Sie eine andere Person, oder ändern Sie die Zeiten.',
  'Choose another person, or remove the time off first.':
    'Wählen Sie eine andere Person, oder entfernen Sie zuerst die Abwesenheit.',
  'Choose fewer, or another time.': 'Wählen Sie weniger oder eine andere Zeit.',
  'Choose from the booth’s own equipment.': 'Wählen Sie aus den Geräten der Fotobox.',
  'Choose how the money went back.': 'Wählen Sie, wie das Geld zurückging.',
  'Choose one first.': 'Wählen Sie zuerst einen.',
  'Choose one of the equipment types.': 'Wählen Sie eine der Gerätearten.',
  'Choose one of your company’s people.': 'Wählen Sie eine Person Ihrer Firma.',
  'Choose the date on which this person works.': 'Wählen Sie den Termin, an dem diese Person arbeitet.',
  'Continue with its opportunity.': 'Machen Sie mit der Chance weiter.',
  'Create a new contract to replace it.': 'Erstellen Sie einen neuen Vertrag, der ihn ersetzt.',
  'Create a new revision and send that.': 'Erstellen Sie eine neue Fassung und senden Sie diese.',
  'Create a new revision.': 'Erstellen Sie eine neue Fassung.',
  'Decline them first. A manager has to reassign shifts that are confirmed.':
    'Lehnen Sie sie zuerst ab. Bestätigte Einsätze besetzt eine Leitung neu.',
  'Delete its files first.': 'Löschen Sie zuerst die Dateien.',
  'Enter an address such as name@example.com.': 'Geben Sie eine Adresse wie name@example.com ein.',
  'Enter how many of each equipment type belong to the booth.':
    'Geben Sie an, wie viele jeder Geräteart zur Fotobox gehören.',
  'Enter longer absences year by year.': 'Tragen Sie längere Abwesenheiten Jahr für Jahr ein.',
  'Give it at least one date first.': 'Geben Sie ihr zuerst mindestens einen Termin.',
  'Keep it below 500 characters.': 'Bleiben Sie unter 500 Zeichen.',
  'Load the page again to send another inquiry.':
    'Laden Sie die Seite neu, um eine weitere Anfrage zu senden.',
  'Look for duplicates again.': 'Suchen Sie noch einmal nach Dubletten.',
  'Lower the discount.': 'Senken Sie den Rabatt.',
  'Lower the percentages, so that they are at most 100 % together.':
    'Senken Sie die Prozentsätze auf zusammen höchstens 100 %.',
  'Make the last part the rest.': 'Machen Sie den letzten Teil zum Rest.',
  'Call %s.': 'Verwenden Sie dafür %s.',
  'Call merge_records.': 'Führen Sie die Einträge zusammen.',
  'Correct it with correct_payment: that takes the entry back and records the right one.':
    'Berichtigen Sie sie: Der Eintrag wird zurückgenommen und der richtige gebucht.',
  'Delete the stage with delete_pipeline_stage, which moves its deals.':
    'Löschen Sie die Phase; dabei wählen Sie, wohin ihre Chancen kommen.',
  'Issue the invoice first.': 'Stellen Sie zuerst die Rechnung aus.',
  'Set kind to account or contact.': 'Wählen Sie Kunden oder Kontakte.',
  'Open the newest quote.': 'Öffnen Sie das neueste Angebot.',
  'Put later additions on a separate invoice or a new deal.':
    'Setzen Sie spätere Ergänzungen auf eine eigene Rechnung oder in eine neue Chance.',
  'Record it when the money has come.': 'Buchen Sie sie, wenn das Geld da ist.',
  'Record money that you received yourself without naming a provider.':
    'Buchen Sie selbst erhaltenes Geld ohne einen Zahlungsdienst.',
  'Refund it instead.': 'Erstatten Sie sie stattdessen.',
  'Refund it, or cancel it while it is pending.':
    'Erstatten Sie sie, oder stornieren Sie sie, solange sie aussteht.',
  'Refund them before voiding the invoice.': 'Erstatten Sie sie, bevor Sie die Rechnung stornieren.',
  'Release some of them first.': 'Geben Sie zuerst einige frei.',
  'Release them first, or create another type.':
    'Geben Sie sie zuerst frei, oder legen Sie eine andere Art an.',
  'Remove it first, or choose other days.': 'Entfernen Sie sie zuerst, oder wählen Sie andere Tage.',
  'Remove it from the kit first.': 'Nehmen Sie es zuerst aus der Ausstattung.',
  'Remove it here and add it there.': 'Entfernen Sie sie hier, und fügen Sie sie dort hinzu.',
  'Remove its lines and amounts first, or make a new one in the other currency.':
    'Entfernen Sie zuerst Positionen und Beträge, oder erstellen Sie ein neues Dokument in der anderen Währung.',
  'Reserve a booth for the event.': 'Reservieren Sie eine Fotobox für die Veranstaltung.',
  'Reserve a booth or equipment for each date, then confirm it.':
    'Reservieren Sie für jeden Termin eine Fotobox oder Geräte, und bestätigen Sie dann.',
  'Set it back to an open stage first.': 'Setzen Sie sie zuerst auf eine offene Phase zurück.',
  'Set its status back to Contacted first.': 'Setzen Sie den Status zuerst auf „Kontaktiert“ zurück.',
  'The balance is %s.': 'Offen sind %s.',
  'The event has several dates.': 'Die Veranstaltung hat mehrere Termine.',
  'Try again.': 'Versuchen Sie es noch einmal.',
  'Use a name such as Europe/Amsterdam.': 'Verwenden Sie einen Namen wie Europe/Berlin.',
  'Void it and create a new one, or credit part of it.':
    'Stornieren Sie sie und erstellen Sie eine neue, oder schreiben Sie einen Teil gut.',
  'Void it and create a new one.': 'Stornieren Sie sie, und erstellen Sie eine neue.',
  'Write a field as {{account.name}}.': 'Schreiben Sie ein Feld als {{account.name}}.',
  'Write its text first.': 'Schreiben Sie zuerst den Text.',
  'Write another message.': 'Schreiben Sie eine weitere Nachricht.',
  'Insert it as tentative, or with its dates and reservations in one transaction.':
    'Legen Sie sie vorläufig an, oder mit Terminen und Reservierungen in einer Transaktion.',
  '%s cannot be changed for many records.': '%s kann nicht für viele Datensätze geändert werden.',
  'More than 100,000 records cannot be changed at once.':
    'Mehr als 100.000 Datensätze können nicht auf einmal geändert werden.',
  'Filter the list.': 'Filtern Sie die Liste.',
  'Cancel it first.': 'Brechen Sie sie zuerst ab.',
  // Answers of `check_availability`.
  'There is no booth of this kind.': 'Eine solche Fotobox gibt es nicht.',
  '%s of %s booths are free.': '%s von %s Fotoboxen sind frei.',
  'All %s booths are taken.': 'Alle %s Fotoboxen sind belegt.',
  'Only %s of %s booths are free, and %s are needed.':
    'Nur %s von %s Fotoboxen sind frei, und %s werden gebraucht.',
  'Everything that is needed is free.': 'Alles Nötige ist frei.',
  'No crew is on record for that day.': 'Für diesen Tag ist keine Crew eingetragen.',
  '%s of %s people are free, %s needed.': '%s von %s Personen sind frei, %s werden gebraucht.',
  'No travel time is known for this place.': 'Für diesen Ort ist keine Fahrzeit eingetragen.',
  'There is time for %s minutes of travel each way.': 'Für Hin- und Rückfahrt von je %s Minuten ist Zeit.',
  'Only %s free booths leave %s minutes of travel each way.':
    'Nur %s freie Fotoboxen lassen Zeit für Hin- und Rückfahrt von je %s Minuten.',
};
