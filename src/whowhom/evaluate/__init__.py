"""How well events are coded: gold, scores with intervals, agreement, two stores side by side.

``gold`` reads and checks annotated documents, ``exchange`` takes them to annotation tools and
back, ``scores`` measures a coding against gold, ``agreement`` two or more codings against each
other, and ``stores`` says where two stores agree. The commands are thin skins over these.
"""
