territory-synthetic-east = Invented East
territory-synthetic-north = Invented North
territory-synthetic-south = Invented South
territory-synthetic-west = Invented West
