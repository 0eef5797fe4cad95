"""What every room stands on: units, people, rulebook, calendar, events, outbox, attachments."""
