"""How things are named in files: names, resources, sentences, addresses and secrets."""

from typing import Annotated

from pydantic import Field

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"
Name = Annotated[str, Field(pattern=NAME_PATTERN, examples=["provider-outage"])]
Resource = Annotated[
    str, Field(pattern=r"^[a-z]+/[a-z0-9][a-z0-9_-]*$", examples=["provider/primary"])
]
Sentence = Annotated[str, Field(min_length=1, max_length=400)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$", examples=["http://127.0.0.1:8480/v1"])]
SecretRef = Annotated[str, Field(pattern=r"^(env|file):.+$", examples=["env:OPENAI_KEY"])]
Address = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_.\[\]:-]+:[0-9]{1,5}$", examples=["127.0.0.1:8481"])
]
