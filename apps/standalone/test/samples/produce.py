"""A partner's producer: produce.py BROKERS TOPIC CODEC FILE, where a line is {"key", "value": base64 or null}."""

import base64
import json
import sys

from confluent_kafka import Producer

brokers, topic, codec, file = sys.argv[1:]
failures = []


def report(error, _message):
    if error is not None:
        failures.append(error)


producer = Producer({"bootstrap.servers": brokers, "compression.type": codec, "linger.ms": 20})
with open(file) as lines:
    for line in lines:
        record = json.loads(line)
        value = None if record["value"] is None else base64.b64decode(record["value"])
        producer.produce(topic, key=record["key"], value=value, on_delivery=report)
        producer.poll(0)
producer.flush(30)
sys.exit(f"{len(failures)} not sent: {failures[0]}" if failures else 0)
